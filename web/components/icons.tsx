// Small line icons in the colour of the text around them; decoration only, so hidden from screen readers.
import type { ComponentChildren } from 'preact';

function Icon({ children, size = 16 }: { children: ComponentChildren; size?: number }) {
  return (
    <svg class="icon" width={size} height={size} viewBox="0 0 16 16" aria-hidden="true">
      {children}
    </svg>
  );
}

export const CheckIcon = () => (
  <Icon>
    <path d="m3.5 8.5 3 3 6-7" />
  </Icon>
);
export const ClockIcon = () => (
  <Icon>
    <circle cx="8" cy="8" r="5.75" />
    <path d="M8 5v3l2 1.5" />
  </Icon>
);
export const CaretIcon = () => (
  <Icon size={12}>
    <path d="m3.5 6 4.5 4.5L12.5 6" />
  </Icon>
);
export const ArrowIcon = () => (
  <Icon>
    <path d="M3 8h9.5M8.5 4l4 4-4 4" />
  </Icon>
);
export const WarningIcon = () => (
  <Icon>
    <path d="M8 2.25 14.25 13.25H1.75Z" />
    <path d="M8 6.5v3M8 11.4v.1" />
  </Icon>
);

export const PlusIcon = () => (
  <Icon>
    <path d="M8 3.5v9M3.5 8h9" />
  </Icon>
);
export const CloseIcon = () => (
  <Icon size={12}>
    <path d="m4 4 8 8M12 4l-8 8" />
  </Icon>
);

/** GitHub's mark, as its sign-in buttons are asked to carry it. */
export const GitHubIcon = () => (
  <svg class="icon-solid" width="18" height="18" viewBox="0 0 16 16" aria-hidden="true">
    <path d="M8 0a8 8 0 0 0-2.53 15.59c.4.07.550-.17.550-.38v-1.49c-2.01.370-2.53-.49-2.69-.94-.09-.23-.48-.94-.82-1.13-.28-.15-.68-.52-.01-.53.630-.01 1.08.580 1.23.820.72 1.21 1.87.870 2.33.660.07-.52.280-.87.510-1.07-1.78-.2-3.64-.89-3.64-3.95 0-.87.310-1.59.820-2.15-.08-.2-.36-1.02.080-2.12 0 0 .67-.21 2.2.82a7.6 7.6 0 0 1 4 0c1.53-1.04 2.2-.82 2.2-.82.440 1.1.16 1.92.080 2.12.510.56.820 1.27.820 2.15 0 3.07-1.87 3.75-3.65 3.95.290.25.540.73.540 1.48v2.19c0 .21.150.46.550.38A8 8 0 0 0 8 0Z" />
  </svg>
);
