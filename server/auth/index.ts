// What the other folders import of auth.
export { cookieOptionsOf } from './cookies.ts';
export { createGitHubSignIn, type GitHubSignIn, type GitHubSignInOptions } from './github.ts';
export type { Identity } from './identity.ts';
export { refusalOf, type AccessPolicy, type Refusal } from './policy.ts';
export { ensureRedirectPath } from './redirect-path.ts';
export { createKey, createSealer, decodeKey, type Sealer } from './seal.ts';
export { createVisitorCookie, type VisitorCookie } from './visitor-cookie.ts';
