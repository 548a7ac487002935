// The agent: owns the terminals of a session and serves them over one port.
import type { JSONWebKeySet } from 'jose';
import type { Clock } from '../common/clock.ts';
import type { Logger } from '../common/log.ts';
import { createGardenProbe } from './garden-probe.ts';
import { createLayoutStore } from './layout.ts';
import { createPtyStarter, type StartPty } from './pty.ts';
import { createAgentServer } from './server.ts';
import { prepareShell, type ShellOptions } from './shell.ts';
import { createTerminals } from './terminals.ts';
import { createTokenVerifier } from './token.ts';

export interface AgentOptions {
  host: string;
  /** 0 takes a free one. */
  port: number;
  podUid: string;
  publicKeys: JSONWebKeySet;
  shell: ShellOptions;
  clock: Clock;
  logger: Logger;
  /** Another way to have PTYs: for tests. */
  startPty?: StartPty;
}

export interface Agent {
  readonly port: number;
  /** Ends sockets and shells, within a second. */
  dispose(): Promise<void>;
}

/** Prepares the home directory and listens. Rejects when there is no bash, or the address cannot be had. */
export async function createAgent(options: AgentOptions): Promise<Agent> {
  const { host, port, podUid, publicKeys, shell, clock, logger, startPty = createPtyStarter(clock) } = options;
  const command = await prepareShell(shell);
  const terminals = createTerminals({ command, startPty, clock, logger });
  const server = await createAgentServer({
    host,
    port,
    terminals,
    layout: createLayoutStore(),
    verifier: createTokenVerifier(publicKeys, podUid, clock),
    garden: createGardenProbe(shell.kubeconfig, clock),
    clock,
    logger,
  });
  return {
    port: server.port,
    async dispose() {
      // Sockets are told of the restart before their shells end, so that nobody reads of a shell that exited.
      await Promise.all([server.dispose(), terminals.dispose()]);
    },
  };
}
