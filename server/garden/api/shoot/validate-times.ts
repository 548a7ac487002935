// What makes hibernation schedules and maintenance valid.
// Models pkg/api/core/validation/shoot.go (ValidateHibernation, validateMaintenance)
import { duplicate, forbidden, invalid, required, type FieldError } from '../../../apiserver/errors.ts';
import type { HibernationSchedule, Shoot } from '../types.ts';
import { maintenanceOperationAnnotation, workerlessDetail } from './constants.ts';
import { faultOfCron, isTimeZone } from './cron.ts';
import { splitOperations } from './operations.ts';
import { windowDurationMs } from './time-window.ts';
import { isForbiddenWhileHibernated } from './validate-operations.ts';

const nanosecondsInMs = 1_000_000;
const minWindowMs = 30 * 60 * 1000;
const maxWindowMs = 6 * 60 * 60 * 1000;

function cronErrors(spec: string, seen: Set<string>, path: string): FieldError[] {
  const fault = faultOfCron(spec);
  if (fault) return [invalid(path, spec, `not a valid cron spec: ${fault}`)];
  if (seen.has(spec)) return [duplicate(path, spec)];
  seen.add(spec);
  return [];
}

function scheduleErrors(schedules: readonly HibernationSchedule[]): FieldError[] {
  const seen = new Set<string>();
  return schedules.flatMap(({ start, end, location }, index) => {
    const path = `spec.hibernation.schedules[${index}]`;
    const errors: FieldError[] = [];
    if (start === undefined && end === undefined) {
      errors.push(required(`${path}.start/end`, 'either start or end has to be provided'));
    }
    if (start !== undefined) errors.push(...cronErrors(start, seen, `${path}.start`));
    if (end !== undefined) errors.push(...cronErrors(end, seen, `${path}.end`));
    if (location !== undefined && !isTimeZone(location)) {
      errors.push(invalid(`${path}.location`, location, `not a valid location: unknown time zone ${location}`));
    }
    return errors;
  });
}

export function hibernationErrors({ spec, metadata }: Shoot): FieldError[] {
  const { hibernation } = spec;
  if (!hibernation) return [];
  const operations = splitOperations(metadata.annotations?.[maintenanceOperationAnnotation]);
  const held = hibernation.enabled ? operations.filter(isForbiddenWhileHibernated) : [];
  return [
    ...held.map((operation) =>
      forbidden(
        'spec.hibernation.enabled',
        `shoot cannot be hibernated when ${maintenanceOperationAnnotation} annotation contains ${operation} operation`,
      ),
    ),
    ...scheduleErrors(hibernation.schedules ?? []),
  ];
}

function windowErrors({ begin, end }: { begin: string; end: string }): FieldError[] {
  const path = 'spec.maintenance.timeWindow';
  const duration = windowDurationMs(begin, end);
  if ('fault' in duration) return [invalid(`${path}.begin/end`, { Begin: begin, End: end }, duration.fault)];
  const { ms } = duration;
  if (ms > maxWindowMs) return [invalid(path, ms * nanosecondsInMs, 'time window must not be greater than 6h0m0s')];
  return ms < minWindowMs ? [invalid(path, ms * nanosecondsInMs, 'time window must not be smaller than 30m0s')] : [];
}

export function maintenanceErrors({ spec }: Pick<Shoot, 'spec'>): FieldError[] {
  const { maintenance, provider } = spec;
  if (!maintenance) return [];
  const isWorkerless = !provider.workers?.length;
  const path = 'spec.maintenance';
  return [
    ...(isWorkerless && maintenance.autoUpdate?.machineImageVersion !== undefined
      ? [forbidden(`${path}.autoUpdate.machineImageVersion`, workerlessDetail)]
      : []),
    ...(isWorkerless && maintenance.autoRotation?.credentials?.['sshKeypair']
      ? [forbidden(`${path}.autoRotation.credentials.sshKeypair`, workerlessDetail)]
      : []),
    ...(maintenance.timeWindow ? windowErrors(maintenance.timeWindow) : []),
  ];
}
