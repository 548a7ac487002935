// The bar above every view that has one: whose product, who is here.
import type { ComponentChildren } from 'preact';
import { Logo } from './logo.tsx';

export function Header({ children }: { children?: ComponentChildren }) {
  return (
    <header class="header">
      <span class="brand">
        <Logo />
        <span>
          Gardener <b>Playground</b>
        </span>
      </span>
      {children}
    </header>
  );
}
