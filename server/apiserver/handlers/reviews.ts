// Reviews: kinds without storage that answer who one is and what one may do.
import * as z from 'zod';
import { createBadRequest, createInvalid, invalid } from '../errors.ts';
import type { FieldError } from '../errors.ts';
import type { Authorizer, Attributes, PolicyRule } from '../authorization.ts';
import { apiVersionOf } from '../registry.ts';
import type { ApiObject, Kind, UserInfo } from '../types.ts';
import { toTime } from '../objects.ts';
import { trackFields } from '../rest/context.ts';
import { decodeObject } from './decode.ts';
import { createWriteRequest } from './options.ts';
import type { Answer, KindRequest, ServerContext } from './request.ts';
import { answerObject } from './request.ts';
import { negotiate } from '../negotiation.ts';

const authentication = 'authentication.k8s.io';
const authorization = 'authorization.k8s.io';

const review = (group: string, kind: string, isNamespaced = false): Kind => ({
  group,
  version: 'v1',
  kind,
  plural: `${kind.toLowerCase()}s`,
  singular: kind.toLowerCase(),
  shortNames: [],
  categories: [],
  isNamespaced,
  verbs: ['create'],
  subresources: [],
  schemaName: `io.k8s.api.${group.split('.')[0]}.v1.${kind}`,
  columns: [],
  selectableFields: {},
  strategy: {},
});

const reviewKinds: readonly Kind[] = [
  review(authentication, 'SelfSubjectReview'),
  review(authentication, 'TokenReview'),
  review(authorization, 'LocalSubjectAccessReview', true),
  review(authorization, 'SelfSubjectAccessReview'),
  review(authorization, 'SelfSubjectRulesReview'),
  review(authorization, 'SubjectAccessReview'),
];

export const isReview = ({ group, kind }: Kind): boolean =>
  reviewKinds.some((known) => known.group === group && known.kind === kind);

/** `kinds` with the reviews that are not among them. */
export const withReviews = (kinds: readonly Kind[]): Kind[] => {
  const addresses = new Set(kinds.map((kind) => `${apiVersionOf(kind)}/${kind.kind}`));
  return [...kinds, ...reviewKinds.filter((kind) => !addresses.has(`${apiVersionOf(kind)}/${kind.kind}`))];
};

const resourceSchema = z.object({
  namespace: z.string().default(''),
  verb: z.string().default(''),
  group: z.string().default(''),
  resource: z.string().default(''),
  subresource: z.string().default(''),
  name: z.string().default(''),
});
const accessSchema = z.object({
  resourceAttributes: resourceSchema.optional(),
  nonResourceAttributes: z.object({ path: z.string().default(''), verb: z.string().default('') }).optional(),
  user: z.string().default(''),
  groups: z.array(z.string()).default([]),
  uid: z.string().optional(),
  extra: z.record(z.string(), z.array(z.string())).optional(),
});
type AccessSpec = z.infer<typeof accessSchema>;

// Kubernetes leaves the kind's name out here.
const refuse = ({ group }: Kind, fault: FieldError) => createInvalid({ group, kind: '' }, '', [fault]);

function attributesOf(kind: Kind, { resourceAttributes, nonResourceAttributes }: AccessSpec): Attributes {
  if (resourceAttributes && !nonResourceAttributes) {
    return { isResource: true, ...resourceAttributes, namespace: resourceAttributes.namespace || undefined };
  }
  if (nonResourceAttributes && !resourceAttributes) return { isResource: false, ...nonResourceAttributes };
  const detail = resourceAttributes
    ? 'cannot be specified in combination with resourceAttributes'
    : 'exactly one of nonResourceAttributes or resourceAttributes must be specified';
  const path = resourceAttributes ? 'spec.nonResourceAttributes' : 'spec.resourceAttributes';
  const given = nonResourceAttributes ?? { path: '', verb: '' };
  const value = resourceAttributes ? { Path: given.path, Verb: given.verb } : null;
  throw refuse(kind, invalid(path, value, detail));
}

function parseSpec<T extends z.ZodType>(schema: T, spec: unknown): z.output<T> {
  const parsed = schema.safeParse(spec ?? {});
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw createBadRequest(`spec.${issue?.path.join('.')}: ${issue?.message}`);
}

const userInfoOf = ({ name, uid, groups, extra }: UserInfo) => ({
  username: name,
  ...(uid ? { uid } : {}),
  groups: [...groups],
  ...(extra && Object.keys(extra).length ? { extra } : {}),
});

const toRules = (rules: readonly PolicyRule[]) => ({
  resourceRules: rules
    .filter(({ resources }) => resources?.length)
    .map(({ verbs, apiGroups, resources, resourceNames }) => ({
      verbs,
      apiGroups,
      resources,
      ...(resourceNames?.length ? { resourceNames } : {}),
    })),
  nonResourceRules: rules
    .filter(({ nonResourceURLs }) => nonResourceURLs?.length)
    .map(({ verbs, nonResourceURLs }) => ({ verbs, nonResourceURLs })),
  incomplete: false,
});

const decide = (authorizer: Authorizer, user: UserInfo, attributes: Attributes) => ({
  allowed: authorizer.isAllowed(user, attributes),
});

/** A LocalSubjectAccessReview asks about its own namespace. */
function ensureNamespace(kind: Kind, { resourceAttributes }: AccessSpec, { metadata }: ApiObject): void {
  if (!kind.isNamespaced || !resourceAttributes || resourceAttributes.namespace === metadata.namespace) return;
  const path = 'spec.resourceAttributes.namespace';
  throw refuse(kind, invalid(path, resourceAttributes.namespace, 'must match metadata.namespace'));
}

/** The `status` of a review. Throws 400 and 422. */
function answerReview(context: ServerContext, kind: Kind, object: ApiObject, user: UserInfo): object {
  const { authorizer, tokens } = context;
  switch (kind.kind) {
    case 'SelfSubjectReview':
      return { userInfo: userInfoOf(user) };
    case 'TokenReview': {
      const { token } = parseSpec(z.object({ token: z.string().default('') }), object.spec);
      if (!token) throw createBadRequest('token is required for TokenReview in authentication');
      const owner = tokens.authenticate(token);
      return owner ? { authenticated: true, user: userInfoOf(owner) } : { user: {}, error: 'invalid bearer token' };
    }
    case 'SelfSubjectRulesReview': {
      const { namespace } = parseSpec(z.object({ namespace: z.string().default('') }), object.spec);
      if (!namespace) throw createBadRequest('no namespace on request');
      return toRules(authorizer.rulesFor(user, namespace));
    }
    case 'SelfSubjectAccessReview':
      return decide(authorizer, user, attributesOf(kind, parseSpec(accessSchema, object.spec)));
    default: {
      const spec = parseSpec(accessSchema, object.spec);
      if (!spec.user && !spec.groups.length) {
        throw refuse(kind, invalid('spec.user', '', 'at least one of user or group must be specified'));
      }
      ensureNamespace(kind, spec, object);
      return decide(
        authorizer,
        { name: spec.user, uid: spec.uid, groups: spec.groups, extra: spec.extra },
        attributesOf(kind, spec),
      );
    }
  }
}

export async function createReview(context: ServerContext, request: KindRequest): Promise<Answer> {
  const { kind, user } = request;
  const { format } = negotiate(request.accept);
  const object = await decodeObject(context, request, kind, 'CreateOptions');
  if (kind.isNamespaced) object.metadata.namespace = request.info.namespace;
  const status = answerReview(context, kind, object, user);
  const { apiVersion, spec, metadata } = object;
  if (kind.kind === 'SelfSubjectReview') metadata.creationTimestamp = toTime(context.clock.now());
  else trackFields(context, createWriteRequest(request, 'CreateOptions'), kind, object, undefined);
  return answerObject({ kind: kind.kind, apiVersion, metadata, ...(spec ? { spec } : {}), status }, 201, format);
}
