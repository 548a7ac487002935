// The ES module of @xterm/headless: its CommonJS entry has names that only some loaders find.
declare module '@xterm/headless/lib-headless/xterm-headless.mjs' {
  export * from '@xterm/headless';
}
