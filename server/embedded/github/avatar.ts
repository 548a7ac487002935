// A picture for a test identity: a leaf in a colour of its own.

/** An SVG document; `id` decides the colour. */
export function renderAvatar(id: number): string {
  const hue = (id * 137) % 360;
  return (
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 40 40" width="40" height="40">` +
    `<rect width="40" height="40" fill="hsl(${hue} 45% 86%)"/>` +
    `<path d="M9 31C9 17 16 9 31 9c0 15-7 22-19 22" fill="hsl(${hue} 45% 42%)"/>` +
    `<path d="M9 32 24 17" stroke="hsl(${hue} 45% 86%)" stroke-width="2" stroke-linecap="round"/></svg>`
  );
}
