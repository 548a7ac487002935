// The Shoot: its strategy put together from its rules, and its views.
// Models pkg/apiserver/registry/core/shoot
import type { ApiObject, Kind, Strategy, Subresource } from '../../../apiserver/types.ts';
import { createView, type KindBehaviour } from '../kinds.ts';
import type { Shoot } from '../types.ts';
import { admitShoot } from './admit.ts';
import { defaultShoot, type Random } from './defaults.ts';
import { createKubeconfigSubresources, type KubeconfigOptions } from './kubeconfig.ts';
import { mutateShoot } from './mutate.ts';
import { prepareShoot } from './prepare.ts';
import { validateShoot } from './validate.ts';

export const createShootStrategy = (random: Random): Strategy<Shoot> => ({
  nameRule: 'pathSegment',
  isUnconditionalUpdateForbidden: true,
  default: (shoot) => defaultShoot(shoot, random),
  mutate: mutateShoot,
  prepare: prepareShoot,
  validate: validateShoot,
  admit: admitShoot,
  // `prepare` decides: operations are served and counted in one step.
  isGenerationRaised: () => false,
});

const text = (read: (shoot: Shoot) => string | undefined) => (object: ApiObject) => read(object as Shoot) ?? '';

const selectableFields: Kind['selectableFields'] = {
  'spec.seedName': text(({ spec }) => spec.seedName),
  'status.seedName': text(({ status }) => status?.seedName),
  'spec.cloudProfileName': text(({ spec }) => spec.cloudProfileName),
  'spec.cloudProfile.name': text(({ spec }) => spec.cloudProfile?.name),
};

/** The scheduler's view: it may write all but the status. */
const binding: Subresource = createView('binding', ['spec', 'metadata']);

export const createShootBehaviour = (options: { random: Random } & KubeconfigOptions): KindBehaviour => ({
  strategy: createShootStrategy(options.random) as Strategy,
  subresources: [binding, ...createKubeconfigSubresources(options)],
  selectableFields,
});
