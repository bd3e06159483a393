/** Where the local stack's servers listen. */
export const LOCAL_HOST = '127.0.0.1';

export const LOCAL_PORTS = { kinesis: 4567, dynamodb: 4568, lambda: 4569, api: 4570 } as const;

/** What the local stack's servers are told; they accept anything. */
export const LOCAL_REGION = 'us-east-1';
export const LOCAL_CREDENTIALS = { accessKeyId: 'local', secretAccessKey: 'local' } as const;

export { LOCAL_STAGE } from '../shared/lambda/contract.ts';
