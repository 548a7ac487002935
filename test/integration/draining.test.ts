// One replica is drained and replaced while somebody types: nothing typed or printed is lost, and it takes no longer than a blink.
import assert from 'node:assert/strict';
import { createSystemClock, type Clock } from '../../server/common/clock.ts';
import { createDeferred } from '../support/scripted-api.ts';
import { Browser } from '../support/gateway-harness.ts';
import { openPageLine, type PageLine } from '../support/page-line.ts';
import { createReplicas, type Replicas } from '../support/replicas.ts';
import { until } from '../support/until.ts';

const keyMs = 4;

interface Typist {
  /** What was typed so far. */
  readonly typed: string;
  /** The longest time from a key to its echo, in ms. */
  readonly longestMs: number;
  stop(): void;
}

/** Types numbers without end; each is four digits and a blank. */
function startTyping(line: PageLine, echoed: (listener: (output: string) => void) => void): Typist {
  const times: number[] = [];
  let typed = '';
  let seen = 0;
  let longestMs = 0;
  echoed((output) => {
    for (const now = performance.now(); (seen + 1) * 5 <= output.length; seen++)
      longestMs = Math.max(longestMs, now - (times[seen] ?? now));
  });
  const timer = setInterval(() => {
    const key = `${String(times.length).padStart(4, '0')} `;
    times.push(performance.now());
    typed += key;
    line.type(key);
  }, keyMs);
  return {
    get typed() {
      return typed;
    },
    get longestMs() {
      return longestMs;
    },
    stop: () => clearInterval(timer),
  };
}

/** The system's, but a sleep of `ms` lasts until `over`: the test decides when load balancers have left. */
function createHeldClock(ms: number, over: Promise<void>): Clock {
  const clock = createSystemClock();
  return { ...clock, sleep: (delayMs, signal) => (delayMs === ms ? over : clock.sleep(delayMs, signal)) };
}

const marker = 'READY\r\n';
const textAfter = (output: string) => output.slice(output.indexOf(marker) + marker.length);

describe('draining', function () {
  this.timeout(60_000);
  let replicas: Replicas;
  before(async () => (replicas = await createReplicas()));
  after(() => replicas?.dispose());

  /** A terminal that echoes each byte as it is. */
  async function openEcho(browser: Browser) {
    let listener = (_output: string) => undefined as void;
    const line: PageLine = openPageLine(browser, 'main', () => listener(textAfter(line.output)));
    await until('a line', () => line.isLive);
    line.type("stty raw -echo; printf 'READ''Y\\r\\n'; exec cat\n");
    await line.shows(marker);
    return { line, listen: (told: (output: string) => void) => void (listener = told) };
  }

  it('moves those who type to another replica, with every byte in its place', async function () {
    const left = createDeferred();
    const first = await replicas.start({ DRAIN_SECONDS: '60' }, { clock: createHeldClock(60_000, left.promise) });
    const browser = await replicas.openSession('vera-visitor');
    const { line, listen } = await openEcho(browser);
    const counter = openPageLine(browser, 'counter');
    await until('a second line', () => counter.isLive);
    counter.type("printf 'READ''Y\\n'; for i in $(seq 1 100000); do echo $i; sleep 0.002; done\n");
    await counter.shows(marker);

    const typist = startTyping(line, listen);
    await until('some echo', () => textAfter(line.output).length > 200);
    await replicas.start();
    const ended = first.dispose();
    const probe = await fetch(`${first.ownUrl}/readyz`);
    assert.deepEqual([probe.status, await probe.text()], [503, 'The server is shutting down.\n']);
    // Endpoints lag: requests and sockets still come to it, and are served.
    const late = new Browser(first.ownUrl);
    for (const [name, value] of browser.cookies) late.cookies.set(name, value);
    const answer = await late.ask('/api/session', { headers: { host: new URL(browser.url).host } });
    assert.deepEqual([answer.status, answer.headers.connection], [200, 'close']);
    const lateLine = openPageLine(Object.assign(late, { origin: browser.origin }), 'late');
    await until('a line through the one that ends', () => lateLine.isLive);
    lateLine.dispose();
    assert.equal(line.states.length, 3, 'nobody has been moved yet');
    replicas.balancer.remove(first.ownUrl);
    left.resolve();

    await ended;
    await assert.rejects(fetch(`${first.ownUrl}/readyz`));
    await until('both lines on the other replica', () => line.isLive && counter.isLive);
    const before = typist.typed.length;
    await until('more to be typed', () => typist.typed.length > before + 500);
    typist.stop();
    await until('the last echo', () => textAfter(line.output).length >= typist.typed.length);
    const lastNumber = () => Number(/(\d+)\r\n\d*$/.exec(counter.output)?.[1]);
    const reached = lastNumber();
    await until('more numbers', () => lastNumber() > reached);

    assert.equal(textAfter(line.output), typist.typed);
    const numbers = textAfter(counter.output).split('\r\n').slice(0, -1).map(Number);
    assert.deepEqual(
      numbers,
      numbers.map((_, index) => index + 1),
    );
    for (const one of [line, counter]) {
      assert.deepEqual([one.snapshots, one.inputLost], [1, 0], 'one snapshot at the beginning, nothing sent anew');
      const names = one.states.map(({ name }) => name);
      const once = ['connecting', 'attaching', 'live'];
      assert.deepEqual(names, [...once, 'waiting', ...once], 'told to come back, and back at the first try');
      const waiting = one.states.find((state) => state.name === 'waiting');
      assert.equal(waiting?.name === 'waiting' && waiting.reason.name, 'ShuttingDown');
      one.dispose();
    }
    assert.ok(typist.longestMs < 5_000, `keys waited ${typist.longestMs} ms`);
    if (this.test) this.test.title += ` (a key waited ${Math.round(typist.longestMs)} ms at most)`;
  });
});
