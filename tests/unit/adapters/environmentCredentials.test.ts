import { afterEach, expect, it, vi } from 'vitest';
import { defaultProvider } from '../../../shared/adapters/aws/environmentCredentials.ts';

afterEach(() => {
  vi.unstubAllEnvs();
});

it('takes the credentials that Lambda puts in the environment', async () => {
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'id');
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'secret');
  vi.stubEnv('AWS_SESSION_TOKEN', 'session');
  const expected = { accessKeyId: 'id', secretAccessKey: 'secret', sessionToken: 'session' };
  expect(await defaultProvider()()).toEqual(expected);
});

it('gives no session token where there is none, as with a local server', async () => {
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'id');
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'secret');
  vi.stubEnv('AWS_SESSION_TOKEN', undefined);
  expect(await defaultProvider()()).toEqual({ accessKeyId: 'id', secretAccessKey: 'secret' });
});

it('says which variables are missing', async () => {
  vi.stubEnv('AWS_ACCESS_KEY_ID', undefined);
  await expect(defaultProvider()()).rejects.toMatchObject({
    name: 'CredentialsProviderError',
    message: expect.stringContaining('AWS_ACCESS_KEY_ID'),
  });
});
