// Control messages: JSON in text frames, checked by schema where they arrive.
import * as z from 'zod';
import { layoutSchema } from './layout.ts';
import { maxWindowBytes, minWindowBytes } from './frames.ts';

export const subprotocol = 'playground.terminal.v1';
export const maxControlBytes = 4096;

const sequence = z.number().int().min(0).max(Number.MAX_SAFE_INTEGER);
const columns = z.number().int().min(2).max(1000);
const rows = z.number().int().min(1).max(500);

export const clientMessageSchema = z.discriminatedUnion('type', [
  z.strictObject({
    type: z.literal('attach'),
    clientId: z.string().regex(/^[A-Za-z0-9_-]{8,64}$/),
    from: sequence.nullable(),
    columns,
    rows,
  }),
  z.strictObject({ type: z.literal('resize'), columns, rows }),
  /** All output before `sequence` is parsed; from now on so much may be outstanding. 0: nobody looks, the program must not wait. */
  z.strictObject({
    type: z.literal('ack'),
    sequence,
    windowBytes: z.union([z.literal(0), z.number().int().min(minWindowBytes).max(maxWindowBytes)]),
  }),
  z.strictObject({ type: z.literal('ping'), id: z.number().int().min(0) }),
  /** The user arranged or named the terminals. */
  z.strictObject({ type: z.literal('layout'), layout: layoutSchema }),
]);
export type ClientMessage = z.infer<typeof clientMessageSchema>;

export const agentMessageSchema = z.discriminatedUnion('type', [
  /** `sequence`: number of the next output byte; `inputSequence`: number of the next input byte that the agent expects from this client. */
  z.object({
    type: z.literal('attached'),
    terminal: z.string(),
    sequence,
    inputSequence: sequence,
    windowBytes: z.number().int().positive(),
    columns,
    rows,
  }),
  /** Another attachment changed the size of the terminal. */
  z.object({ type: z.literal('size'), columns, rows }),
  z.object({ type: z.literal('ack'), sequence }),
  z.object({ type: z.literal('pong'), id: z.number() }),
  /** How the terminals are arranged: told when attached, if ever set, and on each change, also to the one who made it. */
  z.object({ type: z.literal('layout'), revision: sequence, layout: layoutSchema }),
  z.object({ type: z.literal('exit'), code: z.number(), signal: z.number().optional() }),
]);
export type AgentMessage = z.infer<typeof agentMessageSchema>;

const parse =
  <T>(schema: z.ZodType<T>) =>
  (text: string): T | undefined => {
    if (text.length > maxControlBytes) return undefined;
    try {
      return schema.safeParse(JSON.parse(text)).data;
    } catch {
      return undefined;
    }
  };

/** The message in `text`, or undefined if it is none. */
export const parseClientMessage = parse(clientMessageSchema);
export const parseAgentMessage = parse(agentMessageSchema);
