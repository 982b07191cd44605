import { CancelledError, InternalError } from '../errors';
import type { RowsResult } from '../scheduler/ticket';
import { TextFlights, type Passenger } from './text-flights';

const RESULT: RowsResult = { values: Float32Array.of(1), dimensions: 1, queueMs: 0, inferMs: 0 };
const IDS = Int32Array.of(1);

function passenger() {
  const log: string[] = [];
  const one: Passenger = {
    arrived: (index) => void log.push(`arrived ${index}`),
    failed: (index, error) => void log.push(`failed ${index} ${error.name}`),
    takeOver: (index) => void log.push(`took over ${index}`),
  };
  return { one, log };
}

describe('TextFlights', () => {
  it('lets the first go and hands its vector to those who joined', () => {
    const flights = new TextFlights();
    const [a, b] = [passenger(), passenger()];
    expect(flights.join('k', IDS, a.one, 0)).toBe(false);
    expect(flights.join('k', IDS, b.one, 3)).toBe(true);
    expect(flights.join('other', IDS, b.one, 4)).toBe(false);
    flights.land('k', RESULT);
    expect([a.log, b.log]).toEqual([[], ['arrived 3']]);
    expect(flights.join('k', IDS, a.one, 0)).toBe(false);
  });

  it('hands a failure to all', () => {
    const flights = new TextFlights();
    const b = passenger();
    flights.join('k', IDS, passenger().one, 0);
    flights.join('k', IDS, b.one, 1);
    flights.join('k', IDS, b.one, 2);
    flights.fail('k', new InternalError('no'));
    expect(b.log).toEqual(['failed 1 InternalError', 'failed 2 InternalError']);
    expect(flights.size).toBe(0);
  });

  it('lets the next in line take over when only the first has gone', () => {
    const flights = new TextFlights();
    const [b, c] = [passenger(), passenger()];
    flights.join('k', IDS, passenger().one, 0);
    flights.join('k', IDS, b.one, 1);
    flights.join('k', IDS, c.one, 2);
    flights.fail('k', new CancelledError());
    expect([b.log, c.log]).toEqual([['took over 1'], []]);
    flights.land('k', RESULT);
    expect(c.log).toEqual(['arrived 2']);
  });

  it('forgets who has left', () => {
    const flights = new TextFlights();
    const b = passenger();
    flights.join('k', IDS, passenger().one, 0);
    flights.join('k', IDS, b.one, 1);
    flights.leave(b.one);
    flights.fail('k', new CancelledError());
    expect(b.log).toEqual([]);
    expect(flights.size).toBe(0);
  });
});
