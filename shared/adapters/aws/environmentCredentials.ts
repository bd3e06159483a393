/**
 * Credentials from the environment only, which is where Lambda puts them.
 *
 * The bundle of a function takes this module in place of `@aws-sdk/credential-provider-node` (esbuild's `alias`), whose
 * other ways to find credentials (profiles, SSO, web identity, instance metadata) are 120 KB that no function uses.
 * A Lambda environment keeps its credentials for as long as it lives, so there is nothing to refresh.
 */

export interface Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
}

/** Named and shaped like the function it stands in for. */
export function defaultProvider(): () => Promise<Credentials> {
  return async () => {
    const accessKeyId = process.env['AWS_ACCESS_KEY_ID'];
    const secretAccessKey = process.env['AWS_SECRET_ACCESS_KEY'];
    const sessionToken = process.env['AWS_SESSION_TOKEN'];
    if (!accessKeyId || !secretAccessKey) {
      const message = 'AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY are not set';
      throw Object.assign(new Error(message), { name: 'CredentialsProviderError' });
    }
    return { accessKeyId, secretAccessKey, ...(sessionToken ? { sessionToken } : {}) };
  };
}
