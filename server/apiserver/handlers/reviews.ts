// Reviews: kinds without storage that answer who one is and what one may do.
import { z } from 'zod';
import { createBadRequest, createInvalid, invalid } from '../errors.ts';
import type { Authorizer, Attributes, PolicyRule } from '../authorization.ts';
import { apiVersionOf } from '../registry.ts';
import type { ApiObject, Kind, UserInfo } from '../types.ts';
import { decodeObject } from './decode.ts';
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

function attributesOf(kind: Kind, { resourceAttributes, nonResourceAttributes }: AccessSpec): Attributes {
  if (resourceAttributes && !nonResourceAttributes) {
    return { isResource: true, ...resourceAttributes, namespace: resourceAttributes.namespace || undefined };
  }
  if (nonResourceAttributes && !resourceAttributes) return { isResource: false, ...nonResourceAttributes };
  const detail = resourceAttributes
    ? 'cannot be specified in combination with resourceAttributes'
    : 'exactly one of nonResourceAttributes or resourceAttributes must be specified';
  const path = resourceAttributes ? 'spec.nonResourceAttributes' : 'spec.resourceAttributes';
  throw createInvalid(kind, '', [invalid(path, resourceAttributes ? nonResourceAttributes : null, detail)]);
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

/** The `status` of a review. Throws 400 and 422. */
function answerReview(context: ServerContext, kind: Kind, object: ApiObject, user: UserInfo): object {
  const { authorizer, tokens } = context;
  switch (kind.kind) {
    case 'SelfSubjectReview':
      return { userInfo: userInfoOf(user) };
    case 'TokenReview': {
      const { token } = parseSpec(z.object({ token: z.string().min(1) }), object.spec);
      const owner = tokens.authenticate(token);
      return owner
        ? { authenticated: true, user: userInfoOf(owner) }
        : { authenticated: false, user: {}, error: 'invalid bearer token' };
    }
    case 'SelfSubjectRulesReview': {
      const { namespace } = parseSpec(z.object({ namespace: z.string().min(1) }), object.spec);
      return toRules(authorizer.rulesFor(user, namespace));
    }
    case 'SelfSubjectAccessReview':
      return decide(authorizer, user, attributesOf(kind, parseSpec(accessSchema, object.spec)));
    default: {
      const spec = parseSpec(accessSchema, object.spec);
      if (!spec.user && !spec.groups.length) {
        throw createInvalid(kind, '', [invalid('spec.user', '', 'at least one of user or group must be specified')]);
      }
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
  const object = await decodeObject(request, context.schemas, kind, 'CreateOptions');
  const { apiVersion, spec, metadata } = object;
  const status = answerReview(context, kind, object, user);
  const answer = {
    kind: kind.kind,
    apiVersion,
    metadata: { ...metadata, creationTimestamp: null },
    ...(spec ? { spec } : {}),
    status,
  };
  return answerObject(answer, 201, format);
}
