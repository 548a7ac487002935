// The agent's HTTP API, as the gateway uses it for a user.
import * as z from 'zod';
import type { Clock } from '../common/clock.ts';
import { isPlaygroundError, PlaygroundError } from '../common/errors.ts';
import { layoutSchema } from '../protocol/layout.ts';
import type { TerminalList } from '../protocol/rest.ts';
import type { AgentAddress } from './agent-address.ts';

export interface AgentClient {
  listTerminals(agent: AgentAddress): Promise<TerminalList>;
  /** Throws 404 when there is no such terminal. */
  endTerminal(agent: AgentAddress, id: string): Promise<void>;
  /** For how long nothing has been typed in the session; undefined when nothing ever was. Throws when the agent does not answer. */
  readIdleMs(agent: AgentAddress): Promise<number | undefined>;
}

const timeoutMs = 5_000;
const maxBytes = 64 * 1024;

// What comes from a pod is the visitor's own: it is checked before it goes on as our answer.
const terminalListSchema = z.object({
  terminals: z
    .array(
      z.object({
        id: z.string().max(64),
        createdAt: z.string().max(40),
        columns: z.number(),
        rows: z.number(),
        title: z.string().max(1000),
        attachments: z.number(),
        lastInputAt: z.string().max(40).optional(),
      }),
    )
    .max(100),
  layout: layoutSchema.optional(),
  lastInputAt: z.string().max(40).optional(),
});

const unreachable = (cause: unknown) =>
  new PlaygroundError(502, 'AgentUnreachable', 'Your pod does not answer. Please try again.', {
    cause,
    retryAfterSeconds: 2,
  });

interface AgentAnswer {
  status: number;
  /** When it was answered, by the clock of the pod's machine, to the second. */
  date: string | null;
  text: string;
}

async function readText(response: Response): Promise<string> {
  let text = '';
  const decoder = new TextDecoder();
  for await (const chunk of response.body ?? []) {
    text += decoder.decode(chunk as Uint8Array, { stream: true });
    if (text.length > maxBytes) throw new Error('answer too long');
  }
  return text;
}

export function createAgentClient(clock: Clock): AgentClient {
  async function send(agent: AgentAddress, method: string, path: string): Promise<AgentAnswer> {
    const abort = new AbortController();
    const timer = clock.after(timeoutMs, () => abort.abort(new Error(`no answer within ${timeoutMs} ms`)));
    try {
      const host = agent.host.includes(':') ? `[${agent.host}]` : agent.host;
      const response = await fetch(`http://${host}:${agent.port}${path}`, {
        method,
        headers: { authorization: `Bearer ${await agent.createToken()}` },
        redirect: 'error',
        signal: abort.signal,
      });
      return { status: response.status, date: response.headers.get('date'), text: await readText(response) };
    } catch (fault) {
      throw unreachable(fault);
    } finally {
      timer.dispose();
    }
  }

  async function list(agent: AgentAddress): Promise<{ list: TerminalList; date: string | null }> {
    const { status, date, text } = await send(agent, 'GET', '/terminals');
    try {
      if (status !== 200) throw new Error(`status ${status}`);
      return { list: terminalListSchema.parse(JSON.parse(text)), date };
    } catch (fault) {
      throw isPlaygroundError(fault) ? fault : unreachable(fault);
    }
  }

  return {
    listTerminals: async (agent) => (await list(agent)).list,
    async readIdleMs(agent) {
      const { list: terminals, date } = await list(agent);
      if (terminals.lastInputAt === undefined) return undefined;
      // Both times are of the pod's machine, so it does not matter what its clock says.
      const idleMs = Date.parse(date ?? '') - Date.parse(terminals.lastInputAt);
      if (Number.isNaN(idleMs)) throw unreachable(new Error('the times in the answer are none'));
      return Math.max(0, idleMs);
    },
    async endTerminal(agent, id) {
      const { status } = await send(agent, 'DELETE', `/terminals/${encodeURIComponent(id)}`);
      if (status === 404) throw new PlaygroundError(404, 'NoTerminal', 'There is no such terminal.');
      if (status >= 300) throw unreachable(new Error(`status ${status}`));
    },
  };
}
