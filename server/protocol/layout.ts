// How a session's terminals are arranged and named: the same in every browser, so the agent keeps it.
import * as z from 'zod';

export const terminalIdPattern = /^[a-z0-9](?:[a-z0-9-]{0,30}[a-z0-9])?$/;
/** Of a session, open at once. */
export const maxTerminals = 8;
export const maxNameLength = 40;
/** The share of the first half of a split. */
export const minShare = 0.1;

export interface Pane {
  terminal: string;
  /** What the user calls it; without it the page shows the title that the program sets. */
  name?: string;
}

export interface Split {
  /** `row`: side by side; `column`: one above the other. */
  split: 'row' | 'column';
  /** Of the first, of the room that both have. */
  share: number;
  first: LayoutNode;
  second: LayoutNode;
}

export type LayoutNode = Pane | Split;

export interface Layout {
  /** In the order of the tabs. */
  tabs: LayoutNode[];
}

export const isSplit = (node: LayoutNode): node is Split => 'split' in node;

/** The panes of `node` as one reads them. */
export const panesOf = (node: LayoutNode): Pane[] =>
  isSplit(node) ? [...panesOf(node.first), ...panesOf(node.second)] : [node];

const paneSchema = z.strictObject({
  terminal: z.string().regex(terminalIdPattern),
  name: z.string().trim().min(1).max(maxNameLength).optional(),
});
const splitSchema: z.ZodType<Split> = z.strictObject({
  split: z.enum(['row', 'column']),
  share: z
    .number()
    .min(minShare)
    .max(1 - minShare),
  get first() {
    return nodeSchema;
  },
  get second() {
    return nodeSchema;
  },
});
const nodeSchema: z.ZodType<LayoutNode> = z.union([paneSchema, splitSchema]);

const hasEachOnce = ({ tabs }: Layout): boolean => {
  const ids = tabs.flatMap(panesOf).map(({ terminal }) => terminal);
  return ids.length <= maxTerminals && new Set(ids).size === ids.length;
};

export const layoutSchema: z.ZodType<Layout> = z
  .strictObject({ tabs: z.array(nodeSchema).min(1).max(maxTerminals) })
  .refine(hasEachOnce, 'each terminal once, eight at most');
