// WebGL where a real GPU draws, the DOM elsewhere: WebGL in software is slower than the DOM.
import type { Terminal } from '@xterm/xterm';

const softwareRenderer = /swiftshader|llvmpipe|softpipe|software|basic render|mesa offscreen|virgl/i;

/** Whether the name that WebGL gives its renderer is that of a GPU. An unknown or hidden name counts as none. */
export const isHardwareRenderer = (name: string | undefined): boolean => !!name && !softwareRenderer.test(name);

/** The renderer's name, or undefined where there is no WebGL 2 or it is known to be slow. */
export function webglRendererName(document: Document): string | undefined {
  const context = document.createElement('canvas').getContext('webgl2', { failIfMajorPerformanceCaveat: true });
  if (!context) return undefined;
  const info = context.getExtension('WEBGL_debug_renderer_info');
  const name: unknown = info ? context.getParameter(info.UNMASKED_RENDERER_WEBGL) : undefined;
  context.getExtension('WEBGL_lose_context')?.loseContext();
  return typeof name === 'string' ? name : undefined;
}

/** Draws `terminal` by WebGL where that is faster; falls back to the DOM when the context is lost. */
export async function chooseRenderer(terminal: Terminal, document: Document): Promise<void> {
  if (!isHardwareRenderer(webglRendererName(document))) return;
  const { WebglAddon } = await import('@xterm/addon-webgl');
  if (!terminal.element?.isConnected) return;
  const addon = new WebglAddon();
  addon.onContextLoss(() => addon.dispose());
  terminal.loadAddon(addon);
}
