/** Who may call the URL of the API, as packaged. */
import { describe, expect, it } from 'vitest';
import { type PackagedTemplate, packagedTemplate } from '../../support/packagedTemplate.ts';

const PACKAGING_MS_MAX = 60_000;
const TOKEN = 'a-token-of-more-than-20-characters';
const KEY = 'a-key-of-more-than-20-characters';

const propertiesOf = (template: PackagedTemplate, id: string) => template.Resources[id]?.Properties;
const permissionsOf = (template: PackagedTemplate) =>
  Object.values(template.Resources).flatMap(({ Type, Properties }) =>
    Type === 'AWS::Lambda::Permission' && Properties['Principal'] === '*' ? [Properties] : [],
  );
const variablesOf = (template: PackagedTemplate, id: string) =>
  (
    propertiesOf(template, id)?.['Environment'] as
      | { Variables: Record<string, unknown> }
      | undefined
  )?.Variables;

describe('the URL of the API', { timeout: PACKAGING_MS_MAX }, () => {
  it('answers nobody but who signs with credentials, unless it is said otherwise', async () => {
    const template = await packagedTemplate('prod');
    expect(propertiesOf(template, 'ApiLambdaFunctionUrl')).toMatchObject({ AuthType: 'AWS_IAM' });
    expect(permissionsOf(template)).toEqual([]);
    expect(variablesOf(template, 'ApiLambdaFunction')).toMatchObject({
      TIDEMARK_API_TOKEN: '',
      TIDEMARK_PSEUDONYM_KEY: '',
      TIDEMARK_BATCH_WINDOW_SECONDS: '10',
    });
  });

  it('is open to everybody where there is a token, which the function then asks for', async () => {
    const template = await packagedTemplate('prod', { apiToken: TOKEN, pseudonymKey: KEY });
    expect(propertiesOf(template, 'ApiLambdaFunctionUrl')).toMatchObject({ AuthType: 'NONE' });
    const actions = permissionsOf(template).map(({ Action }) => Action);
    expect(actions.sort()).toEqual(['lambda:InvokeFunction', 'lambda:InvokeFunctionUrl']);
    for (const permission of permissionsOf(template)) {
      expect(JSON.stringify(permission['FunctionName'])).toContain('ApiLambdaFunction');
    }
    expect(variablesOf(template, 'ApiLambdaFunction')).toMatchObject({
      TIDEMARK_API_TOKEN: TOKEN,
      TIDEMARK_PSEUDONYM_KEY: KEY,
    });
    expect(JSON.stringify(variablesOf(template, 'HotItemsLambdaFunction'))).not.toContain(TOKEN);
  });

  it('is an output of the stack', async () => {
    const { Outputs } = await packagedTemplate('prod');
    expect(Outputs?.['ApiUrl']).toMatchObject({
      Value: { 'Fn::GetAtt': ['ApiLambdaFunctionUrl', 'FunctionUrl'] },
    });
  });

  it.each([
    ['a token', { apiToken: 'short-secret' }],
    ['a key for pseudonyms', { pseudonymKey: 'short-secret' }],
  ])('is not deployed with %s that may be guessed, and it is not printed', async (_, given) => {
    const refused = await packagedTemplate('dev', given).catch((error: Error) => error.message);
    expect(refused).toContain(`The parameter ${Object.keys(given)[0]} has 12 characters: give 20`);
    expect(refused).not.toContain('short-secret');
  });
});
