import { readTraceParent, traceParentOf } from './trace-parent';

const TRACE = '0af7651916cd43dd8448eb211c80319c';
const SPAN = 'b7ad6b7169203331';

describe('readTraceParent', () => {
  it.each([
    [`00-${TRACE}-${SPAN}-01`, 1],
    [`00-${TRACE}-${SPAN}-00`, 0],
    [`cc-${TRACE}-${SPAN}-01-what-the-future-will-be-like`, 1],
  ])('reads %s', (traceparent, traceFlags) => {
    expect(readTraceParent({ traceparent })).toEqual({ traceId: TRACE, spanId: SPAN, traceFlags });
  });

  it.each([
    [undefined],
    [''],
    [`ff-${TRACE}-${SPAN}-01`],
    [`00-${'0'.repeat(32)}-${SPAN}-01`],
    [`00-${TRACE}-${'0'.repeat(16)}-01`],
    [`00-${TRACE.toUpperCase()}-${SPAN}-01`],
    [`00-${TRACE}-${SPAN}-1`],
    [`00-${TRACE}-${SPAN}-01x`],
  ])('takes %s for none', (traceparent) => {
    expect(readTraceParent({ traceparent })).toBeUndefined();
  });
});

describe('traceParentOf', () => {
  it('takes the first of several parents, and all of the state', () => {
    expect(traceParentOf({ traceparent: ['a', 'b'], tracestate: ['x=1', 'y=2'] })).toEqual({
      traceparent: 'a',
      tracestate: 'x=1,y=2',
    });
    expect(traceParentOf({ tracestate: 'x=1' })).toEqual({});
  });
});
