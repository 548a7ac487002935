// What makes a CloudProfile valid: its versions, images, types and regions.
// Models pkg/api/core/validation/cloudprofile.go
import { duplicate, forbidden, invalid, notSupported, required, type FieldError } from '../../../apiserver/errors.ts';
import type {
  CloudProfileSpec,
  ExpirableVersion,
  MachineImage,
  MachineType,
  NamespacedCloudProfile,
} from '../types.ts';
import { parseVersion } from '../versions.ts';

const classifications = ['deprecated', 'preview', 'supported'];
const updateStrategies = ['major', 'minor', 'patch'];
const architectures = ['amd64', 'arm64'];

function versionErrors(versions: readonly ExpirableVersion[], path: string): FieldError[] {
  const seen = new Set<string>();
  return versions.flatMap(({ version, classification, expirationDate, lifecycle }, index) => {
    const errors: FieldError[] = [];
    const at = `${path}[${index}]`;
    if (seen.has(version)) errors.push(duplicate(`${at}.version`, version));
    seen.add(version);
    if (!version) errors.push(required(`${at}.version`, 'version is required'));
    if (classification !== undefined && !classifications.includes(classification)) {
      errors.push(notSupported(`${at}.classification`, classification, classifications));
    }
    if (lifecycle?.length && (classification !== undefined || expirationDate !== undefined)) {
      errors.push(
        forbidden(`${at}.lifecycle`, 'cannot specify `lifecycle` together with `classification` or `expirationDate`'),
      );
    }
    return errors;
  });
}

function kubernetesErrors(versions: readonly ExpirableVersion[], path: string): FieldError[] {
  if (!versions.length) return [required(`${path}.versions`, 'must provide at least one Kubernetes version')];
  const latest = versions.findIndex(({ expirationDate, version }) => {
    const own = parseVersion(version);
    return expirationDate !== undefined && own && versions.every((other) => !isNewer(other.version, version));
  });
  return [
    ...versions.flatMap(({ version }, index) =>
      /^\d+\.\d+\.\d+$/.test(version)
        ? []
        : [
            invalid(
              `${path}.versions[${index}]`,
              version,
              'all Kubernetes versions must match the regex ^([0-9]+\\.){2}[0-9]+$',
            ),
          ],
    ),
    ...(latest < 0
      ? []
      : [
          invalid(
            `${path}.versions[].expirationDate`,
            versions[latest]!.expirationDate,
            `expiration date of latest kubernetes version ('${versions[latest]!.version}') must not be set`,
          ),
        ]),
    ...versionErrors(versions, `${path}.versions`),
  ];
}

function isNewer(a: string, b: string): boolean {
  const [left, right] = [parseVersion(a), parseVersion(b)];
  if (!left || !right) return false;
  return (
    left.major - right.major > 0 ||
    (left.major === right.major &&
      (left.minor > right.minor || (left.minor === right.minor && left.patch > right.patch)))
  );
}

export function machineImageErrors(images: readonly MachineImage[], path: string): FieldError[] {
  const seen = new Set<string>();
  return images.flatMap((image, index) => {
    const at = `${path}[${index}]`;
    const errors: FieldError[] = [];
    if (!image.name) errors.push(required(`${at}.name`, 'machine image name must not be empty'));
    if (!image.versions?.length) {
      errors.push(
        required(`${at}.versions`, `must provide at least one version for the machine image '${image.name}'`),
      );
    }
    if (image.updateStrategy !== undefined && !updateStrategies.includes(image.updateStrategy)) {
      errors.push(notSupported(`${at}.updateStrategy`, image.updateStrategy, updateStrategies));
    }
    for (const [position, { version, architectures: given = [] }] of (image.versions ?? []).entries()) {
      const versionPath = `${at}.versions[${position}]`;
      if (seen.has(`${image.name}-${version}`))
        errors.push(duplicate(`${at}.versions[${position}]`, `${image.name}-${version}`));
      seen.add(`${image.name}-${version}`);
      if (!parseVersion(version)) {
        const detail =
          'could not parse version. Use a semantic version. In case there is no semantic version for this image use the extensibility provider (define mapping in the CloudProfile) to map to the actual non semantic version';
        errors.push(invalid(`${versionPath}.version`, version, detail));
      }
      for (const architecture of given) {
        if (!architectures.includes(architecture))
          errors.push(notSupported(`${versionPath}.architectures`, architecture, architectures));
      }
    }
    return [...errors, ...versionErrors(image.versions ?? [], `${at}.versions`)];
  });
}

/** Whether it is a Kubernetes quantity that is not negative. */
const isQuantity = (value: unknown): boolean =>
  /^\+?\d+(\.\d+)?([eE][+-]?\d+|[numkMGTPE]|[KMGTPE]i)?$/.test(String(value));

export function machineTypeErrors(types: readonly MachineType[], path: string): FieldError[] {
  const seen = new Set<string>();
  return types.flatMap((type, index) => {
    const at = `${path}[${index}]`;
    const errors: FieldError[] = type.name ? [] : [required(`${at}.name`, 'must provide a name')];
    if (seen.has(type.name)) errors.push(duplicate(`${at}.name`, type.name));
    seen.add(type.name);
    for (const field of ['cpu', 'gpu', 'memory'] as const) {
      if (!isQuantity(type[field]))
        errors.push(invalid(`${at}.${field}`, type[field], `${field} value must not be negative`));
    }
    if (type.architecture !== undefined && !architectures.includes(type.architecture)) {
      errors.push(notSupported(`${at}.architecture`, type.architecture, architectures));
    }
    return errors;
  });
}

function regionErrors({ regions = [] }: Partial<CloudProfileSpec>, path: string): FieldError[] {
  if (!regions.length) return [required(path, 'must provide at least one region')];
  const seen = new Set<string>();
  return regions.flatMap(({ name, zones = [] }, index) => {
    const at = `${path}[${index}]`;
    const errors: FieldError[] = name ? [] : [required(`${at}.name`, 'must provide a region name')];
    if (seen.has(name)) errors.push(duplicate(`${at}.name`, name));
    seen.add(name);
    const names = new Set<string>();
    for (const [position, zone] of zones.entries()) {
      if (!zone.name) errors.push(required(`${at}.zones[${position}].name`, 'zone name cannot be empty'));
      else if (names.has(zone.name)) errors.push(duplicate(`${at}.zones[${position}].name`, zone.name));
      names.add(zone.name);
    }
    return errors;
  });
}

/** All faults of the spec of a CloudProfile. */
export function cloudProfileErrors(spec: CloudProfileSpec): FieldError[] {
  return [
    ...(spec.type ? [] : [required('spec.type', 'must provide a provider type')]),
    ...kubernetesErrors(spec.kubernetes?.versions ?? [], 'spec.kubernetes'),
    ...(spec.machineImages?.length ? [] : [required('spec.machineImages', 'must provide at least one machine image')]),
    ...machineImageErrors(spec.machineImages ?? [], 'spec.machineImages'),
    ...(spec.machineTypes?.length ? [] : [required('spec.machineTypes', 'must provide at least one machine type')]),
    ...machineTypeErrors(spec.machineTypes ?? [], 'spec.machineTypes'),
    ...regionErrors(spec, 'spec.regions'),
  ];
}

/** All faults of a NamespacedCloudProfile that can be seen without its parent. */
export function namespacedCloudProfileErrors({ spec }: NamespacedCloudProfile): FieldError[] {
  const versions = spec.kubernetes?.versions ?? [];
  return [
    ...(spec.parent.kind === 'CloudProfile'
      ? []
      : [notSupported('spec.parent.kind', spec.parent.kind, ['CloudProfile'])]),
    ...(spec.parent.name ? [] : [required('spec.parent.name', 'must provide a parent name')]),
    ...versions.flatMap(({ classification }, index) => {
      const detail = 'must not provide a classification to a Kubernetes version in NamespacedCloudProfile';
      return classification === undefined
        ? []
        : [forbidden(`spec.kubernetes.versions[${index}].classification`, detail)];
    }),
    ...versionErrors(versions, 'spec.kubernetes.versions'),
    ...machineTypeErrors(spec.machineTypes ?? [], 'spec.machineTypes'),
  ];
}
