// Subresources that are answered by code: tokens, bindings, kubeconfigs, logs.
import { bodyTypes, parseBody } from '../body.ts';
import { createUnknownResource } from '../errors.ts';
import { ensureMediaType, negotiate } from '../negotiation.ts';
import { deepCopy } from '../objects.ts';
import { getObject } from '../rest/context.ts';
import { deleteObject } from '../rest/delete.ts';
import { RawAnswer } from '../types.ts';
import type { ConnectRequest } from '../types.ts';
import { createWriteRequest } from './options.ts';
import type { Answer, KindRequest, ServerContext } from './request.ts';
import { answerObject, answerText } from './request.ts';

async function readConnectBody(request: KindRequest): Promise<unknown> {
  const body = await request.readBody();
  return body.length ? await parseBody(ensureMediaType(request.contentType, bodyTypes), body) : undefined;
}

export async function connect(context: ServerContext, request: KindRequest): Promise<Answer> {
  const { kind, info, subresource, user } = request;
  if (!subresource?.connect) throw createUnknownResource();
  const { name, namespace, query } = info;
  const write = createWriteRequest(request, 'CreateOptions');
  const body = await readConnectBody(request);
  const object = getObject(context, { kind, name, namespace });
  const { store, registry, clock } = context;
  const connectRequest: ConnectRequest = {
    kind,
    object,
    method: request.method,
    query,
    body,
    user,
    isDryRun: write.isDryRun,
    nowMs: clock.now(),
    reader: store,
    signal: request.signal,
    issueToken: (claims) => context.tokens.issue(claims),
    update(changed) {
      if (write.isDryRun) return changed;
      return registry.fromStorage(kind, store.replace(kind, registry.toStorage(kind, deepCopy(changed))));
    },
    delete(gracePeriodSeconds) {
      deleteObject(context, write, { kind, name, namespace }, { gracePeriodSeconds, isDryRun: write.isDryRun });
    },
  };
  const result = await subresource.connect(connectRequest);
  if (result instanceof RawAnswer) return { type: 'raw', raw: result };
  if (typeof result === 'string') return answerText(result);
  const code = request.method === 'POST' ? 201 : 200;
  return answerObject((result ?? success(code)) as object, code, negotiate(request.accept).format);
}

const success = (code: number) => ({ kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', code });
