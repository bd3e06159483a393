/**
 * A role for every function, made from the one list of jobs: what serverless.yml names as `<Function>Role`.
 *
 * Roles have no names of their own. Role names are unique in an account, over all regions, so a name would keep a stage from
 * a second region; CloudFormation's is `<stack>-<logical id>-<random>`, which tells as much.
 */
import { INGEST_JOBS } from '../../functions/jobs.ts';
import { accessOf, type FunctionAccess } from './access.ts';
import { pascal, statementsOf } from './policy.ts';

const ONLY_LAMBDA = {
  Version: '2012-10-17',
  Statement: [
    {
      Effect: 'Allow',
      Principal: { Service: 'lambda.amazonaws.com' },
      Action: 'sts:AssumeRole',
    },
  ],
};

/** osls calls it, and merges what it returns into the template. */
export async function roles() {
  const jobs = Object.entries(INGEST_JOBS).map(([name, family]) => [name, family.build()]);
  const all = accessOf(Object.fromEntries(jobs));
  return {
    Resources: Object.fromEntries(
      all.map((access) => [`${pascal(access.name)}Role`, roleOf(access)]),
    ),
  };
}

const roleOf = (access: FunctionAccess) => ({
  Type: 'AWS::IAM::Role',
  Properties: {
    Description: `What the function ${access.name} of Tidemark uses, and nothing else.`,
    AssumeRolePolicyDocument: ONLY_LAMBDA,
    Policies: [
      {
        PolicyName: 'uses',
        PolicyDocument: { Version: '2012-10-17', Statement: statementsOf(access) },
      },
    ],
  },
});
