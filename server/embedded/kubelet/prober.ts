// Runs a container's probes while it lives: one request after the other, the first at once.
import { execFile } from 'node:child_process';
import http from 'node:http';
import https from 'node:https';
import net from 'node:net';
import type { Clock, Disposable } from '../../common/clock.ts';
import type { Container, Probe } from '../types.ts';
import { initialProbeState, isFailed, nextProbeState, type ProbeState } from './probe-state.ts';

export interface ProbeTarget {
  podIp: string;
  ports: Container['ports'];
  /** What a command of an exec probe runs with. */
  env: Record<string, string>;
  cwd: string;
  /** Paths below a mount to those of the volume. */
  rewrite(text: string): string;
}

export interface ProbeResult {
  isSuccess: boolean;
  message: string;
  /** Nobody listened. */
  isRefused?: boolean;
}

/** While a process that starts does not listen yet, its startup probe looks this often: local processes are quicker than a period. */
const lookEveryMs = 50;

const failure = (message: string): ProbeResult => ({ isSuccess: false, message });
const failureOf = (what: string, fault: NodeJS.ErrnoException): ProbeResult => ({
  ...failure(`${what}: ${fault.message}`),
  isRefused: fault.code === 'ECONNREFUSED',
});

function portOf(port: number | string, ports: Container['ports'] = []): number {
  if (typeof port === 'number') return port;
  return ports.find(({ name }) => name === port)?.containerPort ?? Number(port);
}

function probeHttp(get: NonNullable<Probe['httpGet']>, target: ProbeTarget, timeoutMs: number): Promise<ProbeResult> {
  const isHttps = get.scheme?.toUpperCase() === 'HTTPS';
  const headers = Object.fromEntries((get.httpHeaders ?? []).map(({ name, value }) => [name, value]));
  const options = {
    host: get.host ?? target.podIp,
    port: portOf(get.port, target.ports),
    path: get.path ?? '/',
    headers,
  };
  return new Promise((resolve) => {
    // Kubernetes does not check certificates of probes either.
    const request = (isHttps ? https : http).get(
      { ...options, agent: false, rejectUnauthorized: false },
      (response) => {
        const status = response.statusCode ?? 0;
        response.resume();
        request.destroy();
        if (status >= 200 && status < 400) resolve({ isSuccess: true, message: '' });
        else resolve(failure(`HTTP probe failed with statuscode: ${status}`));
      },
    );
    request.setTimeout(timeoutMs, () => {
      resolve(failure(`Get "${options.path}": context deadline exceeded`));
      request.destroy();
    });
    request.on('error', (fault) => resolve(failureOf(`Get "${options.path}"`, fault)));
  });
}

function probeTcp(port: number, host: string, timeoutMs: number): Promise<ProbeResult> {
  return new Promise((resolve) => {
    const socket = net.connect({ port, host });
    const settle = (result: ProbeResult) => {
      socket.destroy();
      resolve(result);
    };
    socket.setTimeout(timeoutMs, () => settle(failure(`dial tcp ${host}:${port}: i/o timeout`)));
    socket.on('connect', () => settle({ isSuccess: true, message: '' }));
    socket.on('error', (fault) => settle(failureOf(`dial tcp ${host}:${port}`, fault)));
  });
}

function probeExec(command: string[], { env, cwd, rewrite }: ProbeTarget, timeoutMs: number): Promise<ProbeResult> {
  const [program = '', ...args] = command.map(rewrite);
  return new Promise((resolve) => {
    execFile(program, args, { env, cwd, timeout: timeoutMs, killSignal: 'SIGKILL' }, (fault, stdout, stderr) =>
      resolve(fault ? failure(`${stdout}${stderr}`.trim() || fault.message) : { isSuccess: true, message: '' }),
    );
  });
}

export function runProbe(probe: Probe, target: ProbeTarget): Promise<ProbeResult> {
  const timeoutMs = (probe.timeoutSeconds ?? 1) * 1000;
  if (probe.httpGet) return probeHttp(probe.httpGet, target, timeoutMs);
  if (probe.exec) return probeExec(probe.exec.command, target, timeoutMs);
  if (probe.tcpSocket) {
    return probeTcp(portOf(probe.tcpSocket.port, target.ports), probe.tcpSocket.host ?? target.podIp, timeoutMs);
  }
  return Promise.resolve(failure('this kind of probe is not served here'));
}

export type ProbeKind = 'Startup' | 'Readiness' | 'Liveness';

export interface ProberEvents {
  onStarted(): void;
  onReady(isReady: boolean): void;
  onUnhealthy(kind: ProbeKind, message: string): void;
  /** The container is to be killed. */
  onFailed(kind: ProbeKind): void;
}

/** Probes until it is disposed: startup alone until it passes, then readiness and liveness side by side. */
export function createProber(
  container: Container,
  target: ProbeTarget,
  clock: Clock,
  events: ProberEvents,
): Disposable {
  const end = new AbortController();

  /** One probe; of a startup probe that nobody answers yet, the last one within its period. */
  async function probeWithin(kind: ProbeKind, probe: Probe, endMs: number): Promise<ProbeResult> {
    for (;;) {
      const result = await runProbe(probe, target);
      if (kind !== 'Startup' || !result.isRefused || clock.now() + lookEveryMs >= endMs) return result;
      await clock.sleep(lookEveryMs, end.signal);
    }
  }

  async function loop(
    kind: ProbeKind,
    probe: Probe,
    first: ProbeState,
    onState: (state: ProbeState) => boolean,
  ): Promise<void> {
    const periodMs = (probe.periodSeconds ?? 10) * 1000;
    let state = first;
    await clock.sleep((probe.initialDelaySeconds ?? 0) * 1000, end.signal);
    for (;;) {
      const endMs = clock.now() + periodMs;
      const { isSuccess, message } = await probeWithin(kind, probe, endMs);
      if (end.signal.aborted) return;
      state = nextProbeState(state, isSuccess, probe);
      if (!isSuccess) events.onUnhealthy(kind, message);
      if (!onState(state)) return;
      await clock.sleep(Math.max(0, endMs - clock.now()), end.signal);
    }
  }

  function probeReadiness(probe: Probe): Promise<void> {
    let wasReady = false;
    return loop('Readiness', probe, initialProbeState(false), ({ isPassing }) => {
      if (isPassing !== wasReady) events.onReady((wasReady = isPassing));
      return true;
    });
  }

  const probeLiveness = (probe: Probe): Promise<void> =>
    loop('Liveness', probe, initialProbeState(true), (state) => {
      const isOver = isFailed(state, probe);
      if (isOver) events.onFailed('Liveness');
      return !isOver;
    });

  async function probeStartup(probe: Probe): Promise<boolean> {
    let hasPassed = false;
    await loop('Startup', probe, initialProbeState(false), (state) => {
      hasPassed = state.isPassing;
      const isOver = isFailed(state, probe);
      if (isOver) events.onFailed('Startup');
      return !hasPassed && !isOver;
    });
    return hasPassed;
  }

  async function run(): Promise<void> {
    const { startupProbe, readinessProbe, livenessProbe } = container;
    if (startupProbe && !(await probeStartup(startupProbe))) return;
    if (end.signal.aborted) return;
    events.onStarted();
    if (!readinessProbe) events.onReady(true);
    await Promise.all([
      readinessProbe && probeReadiness(readinessProbe),
      livenessProbe && probeLiveness(livenessProbe),
    ]);
  }

  // The only rejection is the abort of a sleep, which is this prober's end.
  run().catch(() => undefined);
  return { dispose: () => end.abort() };
}
