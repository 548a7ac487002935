// Which GPUs are real.
import assert from 'node:assert/strict';
import { isHardwareRenderer } from '../../../../web/terminal/renderer.ts';

describe('renderer', () => {
  it('takes WebGL on a GPU', () => {
    for (const name of [
      'ANGLE (NVIDIA, NVIDIA GeForce RTX 3060 (0x00002504) Direct3D11 vs_5_0 ps_5_0, D3D11)',
      'ANGLE (Intel, Mesa Intel(R) UHD Graphics 620 (KBL GT2), OpenGL 4.6)',
      'Apple M2',
      'Mali-G78',
    ])
      assert.equal(isHardwareRenderer(name), true, name);
  });

  it('leaves software and unknown renderers to the DOM', () => {
    for (const name of [
      'ANGLE (Google, Vulkan 1.3.0 (SwiftShader Device (Subzero) (0x0000C0DE)), SwiftShader driver)',
      'llvmpipe (LLVM 15.0.6, 256 bits)',
      'Microsoft Basic Render Driver',
      'softpipe',
      '',
      undefined,
    ])
      assert.equal(isHardwareRenderer(name), false, name);
  });
});
