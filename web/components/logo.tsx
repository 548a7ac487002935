// The playground's own mark: a prompt whose cursor is a leaf.

export function Logo({ size = 28 }: { size?: number }) {
  return (
    <svg class="logo" width={size} height={size} viewBox="0 0 32 32" aria-hidden="true">
      <rect width="32" height="32" rx="8" class="logo-ground" />
      <path d="M7.5 9.5 13.5 16l-6 6.5" class="logo-prompt" />
      <path d="M16 22.8c-.6-6.4 2.7-10 9.3-10.3.4 6.6-2.7 10.3-9.3 10.3Z" class="logo-leaf" />
    </svg>
  );
}
