/** The part of the library that is used here; it brings no types. */
declare module 'passport-ldapauth' {
  export type ServerOptions = {
    url: string;
    bindDN?: string;
    bindCredentials?: string;
    searchBase: string;
    searchScope: 'sub' | 'one';
    searchFilter: string;
    searchAttributes: string[];
    includeRaw: true;
    timeout: number;
    connectTimeout: number;
    strictDN: boolean;
    tlsOptions: import('node:tls').ConnectionOptions;
  };
  export type LdapUser = Record<string, string | string[]> & { dn: string; _raw: Record<string, unknown> };
  export class Strategy {
    name: string;
    constructor(
      options: {
        server: ServerOptions;
        credentialsLookup: () => { username: string; password: string };
      },
      verify: (user: LdapUser, done: (error: unknown, user?: unknown) => void) => void,
    );
  }
}
