// An agent with real PTYs and a real bash, in a home of its own, and the gateway's key to speak with it.
import { cp, mkdtemp, readFile, rm, symlink, mkdir, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { ensureKubectl } from '../../scripts/kubectl.ts';
import { createAgent, type Agent } from '../../server/agent/index.ts';
import { createSystemClock } from '../../server/common/clock.ts';
import { createSilentLogger } from '../../server/common/log.ts';
import type { ClientMessage } from '../../server/protocol/messages.ts';
import { createAgentKey, type TokenClaims } from './agent-key.ts';
import { TerminalClient, type TerminalClientOptions } from './terminal-client.ts';

export interface AgentHarness {
  readonly agent: Agent;
  readonly home: string;
  readonly kubeconfig: string;
  readonly url: string;
  /** A token as the gateway makes it, but for `claims`. */
  token(claims?: Partial<TokenClaims>): Promise<string>;
  /** A token with the same claims, signed by somebody else. */
  forgedToken(): Promise<string>;
  request(path: string, init?: RequestInit): Promise<Response>;
  socket(id: string, options?: Partial<TerminalClientOptions>): Promise<TerminalClient>;
  attach(
    id: string,
    request?: Partial<Extract<ClientMessage, { type: 'attach' }>>,
    options?: Partial<TerminalClientOptions>,
  ): Promise<TerminalClient>;
  dispose(): Promise<void>;
}

const skeletonDir = fileURLToPath(new URL('../../manifests/environments/lite/home', import.meta.url));
const podUid = 'uid-of-the-pod';

const kubeconfigText = (namespace: string) => `apiVersion: v1
clusters:
- cluster:
    server: https://127.0.0.1:1
  name: virtual-garden
contexts:
- context:
    cluster: virtual-garden
    namespace: elsewhere
    user: visitor
  name: other
- context:
    cluster: virtual-garden
    namespace: ${namespace}
    user: visitor
  name: virtual-garden
current-context: virtual-garden
kind: Config
users:
- name: visitor
  user: {}
`;

export interface AgentHarnessOptions {
  /** Without kubectl the shell finds none, whatever this machine has. */
  hasKubectl?: boolean;
  /** Looks for Debian's package bash-completion where there is none. */
  hasCompletionPackage?: boolean;
}

/** A directory with links to the programs that the tests' shell may have. */
async function createPath(root: string, hasKubectl: boolean): Promise<string> {
  const bin = path.join(root, 'bin');
  await mkdir(bin);
  const system = [
    'bash',
    'sh',
    'cat',
    'env',
    'ls',
    'sleep',
    'stty',
    'seq',
    'printf',
    'uname',
    'tr',
    'rm',
    'mkdir',
    'head',
    'setsid',
  ];
  const places = (process.env.PATH ?? '').split(path.delimiter);
  const { access } = await import('node:fs/promises');
  for (const name of system)
    for (const place of places) {
      const file = path.join(place, name);
      if (
        await access(file).then(
          () => true,
          () => false,
        )
      ) {
        await symlink(file, path.join(bin, name));
        break;
      }
    }
  if (hasKubectl) await symlink(await ensureKubectl(), path.join(bin, 'kubectl'));
  return bin;
}

export async function createAgentHarness(options: AgentHarnessOptions = {}): Promise<AgentHarness> {
  const { hasKubectl = true, hasCompletionPackage = true } = options;
  const root = await mkdtemp(path.join(os.tmpdir(), 'playground-agent-'));
  const home = path.join(root, 'home');
  const kubeconfig = path.join(root, 'kubeconfig');
  const skeleton = path.join(root, 'skeleton');
  await writeFile(kubeconfig, kubeconfigText('garden-local'));
  await cp(skeletonDir, skeleton, { recursive: true });
  if (!hasCompletionPackage) {
    const file = path.join(skeleton, '.playground/completion.bash');
    const text = await readFile(file, 'utf8');
    await writeFile(file, text.replace(/^_playground_package=.*$/m, '_playground_package=/nonexistent'));
  }
  const key = createAgentKey(podUid);
  const otherKey = createAgentKey(podUid);
  const agent = await createAgent({
    host: '127.0.0.1',
    port: 0,
    podUid,
    publicKeys: key.publicKeys,
    shell: { home, skeletonDir: skeleton, path: await createPath(root, hasKubectl), kubeconfig },
    clock: createSystemClock(),
    logger: createSilentLogger(),
  });
  const base = `127.0.0.1:${agent.port}`;
  const clients: TerminalClient[] = [];
  const optionsFor = async (id: string, given: Partial<TerminalClientOptions> = {}) => ({
    url: `ws://${base}/terminals/${id}`,
    token: await key.token(),
    ...given,
  });
  return {
    agent,
    home,
    kubeconfig,
    url: `http://${base}`,
    token: (claims) => key.token(claims),
    forgedToken: () => otherKey.token(),
    async request(where, init = {}) {
      return fetch(`http://${base}${where}`, {
        ...init,
        headers: { authorization: `Bearer ${await key.token()}`, ...init.headers },
      });
    },
    async socket(id, given) {
      const client = new TerminalClient(await optionsFor(id, given));
      clients.push(client);
      return client;
    },
    async attach(id, request, given) {
      const client = await TerminalClient.attach(await optionsFor(id, given), request);
      clients.push(client);
      return client;
    },
    async dispose() {
      for (const client of clients) client.socket.terminate();
      await agent.dispose();
      await rm(root, { recursive: true, force: true });
    },
  };
}
