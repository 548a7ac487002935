// The defaults of CloudProfiles and NamespacedCloudProfiles.
// Models pkg/apis/core/v1beta1/defaults_{cloudprofile,namespacedcloudprofile}.go
import { fill } from '../shoot/defaults.ts';
import type { CloudProfile, MachineImage, MachineType, NamespacedCloudProfile, VolumeType } from '../types.ts';

function defaultTypes(types: readonly (MachineType | VolumeType)[] | undefined): void {
  for (const type of types ?? []) type.usable ??= true;
}

export function defaultMachineImages(images: readonly MachineImage[] | undefined): void {
  for (const image of images ?? []) {
    fill(image, { updateStrategy: 'major' });
    for (const version of image.versions ?? []) {
      if (!version.cri?.length) version.cri = [{ name: 'containerd' }];
    }
  }
}

export function defaultCloudProfile({ spec }: CloudProfile): void {
  defaultMachineImages(spec.machineImages);
  defaultTypes(spec.machineTypes);
  defaultTypes(spec.volumeTypes);
  if (spec.machineCapabilities?.length) return;
  for (const version of (spec.machineImages ?? []).flatMap(({ versions }) => versions ?? [])) {
    if (!version.architectures?.length) version.architectures = ['amd64'];
  }
  for (const type of spec.machineTypes ?? []) type.architecture ??= 'amd64';
}

export function defaultNamespacedCloudProfile({ spec }: NamespacedCloudProfile): void {
  defaultTypes(spec.machineTypes);
  defaultTypes(spec.volumeTypes);
}
