// Gardener's API groups: every kind with its columns, its defaults, its rules and its subresources.
import type { Kind, Strategy } from '../../apiserver/types.ts';
import { cloudProfileStrategy, namespacedCloudProfileStrategy } from './cloudprofile/strategy.ts';
import { bastionStrategy } from './core/bastion.ts';
import { controllerDeploymentConversion, controllerDeploymentStrategy } from './core/controller-deployment.ts';
import { controllerInstallationStrategy, controllerRegistrationStrategy } from './core/controllers.ts';
import {
  gardenletStrategy,
  managedSeedSetScale,
  managedSeedSetStrategy,
  managedSeedStrategy,
} from './core/seed-management.ts';
import {
  backupBucketStrategy,
  backupEntryStrategy,
  exposureClassStrategy,
  internalSecretStrategy,
  quotaStrategy,
  shootStateStrategy,
} from './core/small-kinds.ts';
import { joinKinds, selectByPath, type ColumnsDocument, type KindBehaviour } from './kinds.ts';
import { projectStrategy } from './project/project.ts';
import { credentialsBindingStrategy, secretBindingStrategy } from './security/bindings.ts';
import { createTokenSubresource, workloadIdentityStrategy } from './security/workload-identity.ts';
import { seedStrategy } from './seed/seed.ts';
import type { Random } from './shoot/defaults.ts';
import { createShootBehaviour } from './shoot/strategy.ts';

export type { ColumnsDocument } from './kinds.ts';

export interface GardenKindsOptions {
  /** manifests/garden/columns.json. */
  columns: ColumnsDocument;
  /** Issuer of the tokens of WorkloadIdentities, as the ConfigMap gardener-info tells it. */
  workloadIdentityIssuer: string;
  /** Maintenance windows are drawn by it; Math.random when absent. */
  random?: Random;
}

// A strategy for one kind serves objects of that kind only, so its narrower type is safe.
const of = (strategy: unknown): KindBehaviour => ({ strategy: strategy as Strategy });

const behaviours: Readonly<Record<string, KindBehaviour>> = {
  Seed: of(seedStrategy),
  CloudProfile: of(cloudProfileStrategy),
  NamespacedCloudProfile: { ...of(namespacedCloudProfileStrategy), selectableFields: selectByPath('spec.parent.name') },
  Project: { ...of(projectStrategy), selectableFields: selectByPath('spec.namespace') },
  SecretBinding: of(secretBindingStrategy),
  CredentialsBinding: of(credentialsBindingStrategy),
  Quota: of(quotaStrategy),
  ControllerRegistration: of(controllerRegistrationStrategy),
  ControllerDeployment: of(controllerDeploymentStrategy),
  ControllerInstallation: {
    ...of(controllerInstallationStrategy),
    selectableFields: selectByPath(
      'spec.registrationRef.name',
      'spec.seedRef.name',
      'spec.shootRef.name',
      'spec.shootRef.namespace',
    ),
  },
  ExposureClass: of(exposureClassStrategy),
  BackupBucket: { ...of(backupBucketStrategy), selectableFields: selectByPath('spec.seedName') },
  BackupEntry: {
    ...of(backupEntryStrategy),
    selectableFields: selectByPath('spec.seedName', 'status.seedName', 'spec.bucketName'),
  },
  InternalSecret: { ...of(internalSecretStrategy), selectableFields: selectByPath('type') },
  ShootState: of(shootStateStrategy),
  ManagedSeed: { ...of(managedSeedStrategy), selectableFields: selectByPath('spec.shoot.name') },
  ManagedSeedSet: { ...of(managedSeedSetStrategy), subresources: [managedSeedSetScale] },
  Gardenlet: of(gardenletStrategy),
  Bastion: { ...of(bastionStrategy), selectableFields: selectByPath('spec.seedName', 'spec.shootRef.name') },
};

/** The kinds of core, security, seedmanagement and operations.gardener.cloud. Throws when `columns` names what is not known here. */
export function createGardenKinds({
  columns,
  workloadIdentityIssuer,
  random = Math.random,
}: GardenKindsOptions): Kind[] {
  const all: Readonly<Record<string, KindBehaviour>> = {
    ...behaviours,
    Shoot: createShootBehaviour({ random }),
    WorkloadIdentity: {
      ...of(workloadIdentityStrategy),
      subresources: [createTokenSubresource(workloadIdentityIssuer)],
    },
  };
  return joinKinds(columns, all, {
    ControllerDeployment: { version: 'v1beta1', conversion: controllerDeploymentConversion },
  });
}

export { admitInGarden } from './admission/webhooks.ts';
