import { Injectable } from '@nestjs/common';
import { InjectMetric, makeGaugeProvider } from '@willsoto/nestjs-prometheus';
import type { Gauge } from 'prom-client';
import { OpenStreams, STREAM_TRANSPORTS } from '../transports/streams/open-streams';
import { WsServer } from '../transports/ws/ws-server';

export const STREAM_METRIC_PROVIDERS = [
  makeGaugeProvider({ name: 'sutra_streams', help: 'Streams that are open', labelNames: ['transport'] }),
  makeGaugeProvider({
    name: 'sutra_stream_unread_texts',
    help: 'Texts of streams that have not reached their readers',
  }),
  makeGaugeProvider({ name: 'sutra_ws_connections', help: 'WebSocket connections that are open' }),
  makeGaugeProvider({
    name: 'sutra_ws_sessions',
    help: 'WebSocket sessions: attached to a connection, or detached and waiting to be resumed',
    labelNames: ['state'],
  }),
];

/** What is open, read when Prometheus asks. */
@Injectable()
export class StreamMetrics {
  constructor(
    open: OpenStreams,
    ws: WsServer,
    @InjectMetric('sutra_streams') streams: Gauge<'transport'>,
    @InjectMetric('sutra_stream_unread_texts') unread: Gauge,
    @InjectMetric('sutra_ws_connections') connections: Gauge,
    @InjectMetric('sutra_ws_sessions') sessions: Gauge<'state'>,
  ) {
    const onCollect = (gauge: Gauge<string>, collect: () => void) => Object.assign(gauge, { collect });
    onCollect(streams, () =>
      STREAM_TRANSPORTS.forEach((transport) => streams.set({ transport }, open.count(transport))),
    );
    onCollect(unread, () => unread.set(open.unread));
    onCollect(connections, () => connections.set(ws.connections));
    onCollect(sessions, () => {
      const { attached, detached } = ws.sessions;
      sessions.set({ state: 'attached' }, attached);
      sessions.set({ state: 'detached' }, detached);
    });
  }
}
