// A view that is one message: what happened, what to do.
import type { ComponentChildren } from 'preact';
import { Logo } from './logo.tsx';

interface MessageProps {
  title: string;
  children: ComponentChildren;
  actions: ComponentChildren;
}

export function Message({ title, children, actions }: MessageProps) {
  return (
    <main class="message">
      <div class="message-body">
        <Logo size={44} />
        <h1>{title}</h1>
        {children}
        <div class="actions">{actions}</div>
      </div>
    </main>
  );
}
