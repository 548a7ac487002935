// Names that the Shoot's rules share: labels, annotations, finalizers, operations.

export const gardenerFinalizer = 'gardener';
export const createdByAnnotation = 'gardener.cloud/created-by';
export const tasksAnnotation = 'shoot.gardener.cloud/tasks';
export const operationAnnotation = 'gardener.cloud/operation';
export const maintenanceOperationAnnotation = 'maintenance.gardener.cloud/operation';
export const confirmationAnnotation = 'confirmation.gardener.cloud/deletion';
export const forceDeletionAnnotation = 'confirmation.gardener.cloud/force-deletion';
export const needsRetryAnnotation = 'maintenance.shoot.gardener.cloud/needs-retry-operation';
export const issuerAnnotation = 'authentication.gardener.cloud/issuer';
export const seedLabelPrefix = 'name.seed.gardener.cloud/';

export const infrastructureTask = 'deployInfrastructure';
export const dnsTasks = ['deployDNSRecordInternal', 'deployDNSRecordExternal', 'deployDNSRecordIngress'] as const;

export const workerlessDetail = 'this field should not be set for workerless Shoot clusters';
export const immutableDetail = 'field is immutable';
export const operationSeparator = ';';
