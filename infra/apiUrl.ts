/** Who may call the URL of the API. */
import type { Variables } from './packaging/parameters.ts';

/**
 * What `url` of serverless.yml is. AWS lets nobody through who does not sign with credentials that may invoke the function.
 * With a token, AWS lets everybody through (`true` also gives them the permissions for it), and the function asks for the
 * token.
 */
export type ApiUrl = true | { readonly authorizer: 'aws_iam' };

/** osls calls it, once the parameters are checked. */
export const apiUrl = async (variables: Variables): Promise<ApiUrl> =>
  (await variables.resolveVariable('param:apiToken')) === '' ? { authorizer: 'aws_iam' } : true;
