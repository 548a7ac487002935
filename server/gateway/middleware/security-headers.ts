// Security headers: what the page may load, who may frame it, what others learn of it.
import type { RequestHandler } from 'express';
import helmet from 'helmet';

export interface SecurityHeadersOptions {
  publicUrl: string;
  /** Origins that pictures of users come from. */
  avatarOrigins: readonly string[];
}

/** Strict: scripts and styles from our own files alone, sockets to our own origin, no frames, no plugins. */
export function securityHeaders({ publicUrl, avatarOrigins }: SecurityHeadersOptions): RequestHandler {
  const { protocol, host } = new URL(publicUrl);
  const isSecure = protocol === 'https:';
  return helmet({
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        defaultSrc: ["'none'"],
        scriptSrc: ["'self'"],
        styleSrc: ["'self'"],
        fontSrc: ["'self'"],
        imgSrc: ["'self'", ...avatarOrigins],
        // Not every browser takes 'self' to include web sockets.
        connectSrc: ["'self'", `${isSecure ? 'wss' : 'ws'}://${host}`],
        manifestSrc: ["'self'"],
        formAction: ["'self'"],
        baseUri: ["'none'"],
        frameAncestors: ["'none'"],
        objectSrc: ["'none'"],
        ...(isSecure ? { upgradeInsecureRequests: [] } : {}),
      },
    },
    strictTransportSecurity: isSecure && { maxAge: 31_536_000, includeSubDomains: false },
    referrerPolicy: { policy: 'same-origin' },
    crossOriginEmbedderPolicy: false,
    xFrameOptions: { action: 'deny' },
  });
}
