"""What users of boto3, and of AWS's aggregator for Python, do with streams, functions and tables.

Standard input is a list of [what, arguments], standard output the list of its answers, both JSON; what a server refuses
is answered with its error. An event is [partition key, line]. Endpoints, region and credentials come from the usual
variables.
"""
import gzip
import hashlib
import json
import sys
from decimal import Decimal

import boto3
from aws_kinesis_agg.aggregator import RecordAggregator
from boto3.dynamodb.conditions import Key
from botocore.exceptions import ClientError

EVENTS_PACKED = 40
RECORDS_PUT_MAX = 500

kinesis = boto3.client('kinesis')
tables = boto3.resource('dynamodb')
functions = boto3.client('lambda')


def in_parts(items, size):
    return [items[at:at + size] for at in range(0, len(items), size)]


def shards_of(stream):
    pages = kinesis.get_paginator('list_shards').paginate(StreamName=stream)
    return [shard for page in pages for shard in page['Shards']]


def by_shard(stream, events):
    """Events in the order they have, by the shard that their partition key leads to."""
    groups = [(shard, []) for shard in shards_of(stream)]
    for key, line in events:
        hash_key = int(hashlib.md5(key.encode()).hexdigest(), 16)
        for shard, group in groups:
            first, last = (int(shard['HashKeyRange'][f'{end}HashKey']) for end in ('Starting', 'Ending'))
            if first <= hash_key <= last:
                group.append((key, line))
    return groups


def put_record(stream, events):
    for key, line in events:
        kinesis.put_record(StreamName=stream, PartitionKey=key, Data=line)


def put_records(stream, events):
    for part in in_parts(events, RECORDS_PUT_MAX):
        records = [{'PartitionKey': key, 'Data': line} for key, line in part]
        assert kinesis.put_records(StreamName=stream, Records=records)['FailedRecordCount'] == 0


def put_lines(stream, events, compression=None):
    """Many lines a record, of one partition key: only the hash key says to which shard. Gives [meant, taken] shards."""
    shards = []
    for shard, group in by_shard(stream, events):
        for part in in_parts(group, EVENTS_PACKED):
            data = '\n'.join(line for _, line in part).encode()
            answer = kinesis.put_record(
                StreamName=stream,
                PartitionKey='packed',
                ExplicitHashKey=shard['HashKeyRange']['StartingHashKey'],
                Data=gzip.compress(data) if compression == 'gzip' else data,
            )
            shards.append([shard['ShardId'], answer['ShardId']])
    return shards


def put_aggregates(stream, events):
    """As the Kinesis Producer Library packs them, every other one with hash keys. Gives how many aggregates there are."""
    count = 0
    for shard, group in by_shard(stream, events):
        for part in in_parts(group, EVENTS_PACKED):
            given = shard['HashKeyRange']['StartingHashKey'] if count % 2 else None
            aggregator = RecordAggregator()
            for key, line in part:
                aggregator.add_user_record(key, line.encode(), given)
            key, hash_key, data = aggregator.clear_and_get().get_contents()
            more = {'ExplicitHashKey': hash_key} if hash_key else {}
            kinesis.put_record(StreamName=stream, PartitionKey=key, Data=data, **more)
            count += 1
    return count


def put_blank(stream, size, **more):
    """One record of so many spaces."""
    kinesis.put_record(StreamName=stream, PartitionKey='1', Data=b' ' * size, **more)


def list_streams(limit):
    names, more = [], {}
    while True:
        page = kinesis.list_streams(Limit=limit, **more)
        names += page['StreamNames']
        if not page['HasMoreStreams']:
            return names
        more = {'ExclusiveStartStreamName': names[-1]}


def get_records(stream):
    """The data of all records, a list for each shard."""
    return [data_of(stream, shard['ShardId']) for shard in shards_of(stream)]


def data_of(stream, shard):
    iterator = kinesis.get_shard_iterator(
        StreamName=stream, ShardId=shard, ShardIteratorType='TRIM_HORIZON'
    )['ShardIterator']
    data = []
    while True:
        page = kinesis.get_records(ShardIterator=iterator, Limit=100)
        # Not MillisBehindLatest: here it is 0 from the last record's millisecond on.
        if not page['Records']:
            return data
        data += [record['Data'].decode() for record in page['Records']]
        iterator = page['NextShardIterator']


def scan(table, page_size):
    pages = tables.meta.client.get_paginator('scan').paginate(
        TableName=table, PaginationConfig={'PageSize': page_size}
    )
    return [row for page in pages for row in page['Items']]


def newest(table, key, value, limit):
    """The last rows of a partition key, the newest first."""
    condition = Key(key).eq(value)
    return tables.Table(table).query(
        KeyConditionExpression=condition, ScanIndexForward=False, Limit=limit
    )['Items']


def invoke(function, event):
    answer = functions.invoke(FunctionName=function, Payload=json.dumps(event))
    return {'failed': answer.get('FunctionError'), 'result': json.load(answer['Payload'])}


def operation(service, name, **arguments):
    """Any call; gives its status."""
    answer = getattr(boto3.client(service), name)(**arguments)
    return answer['ResponseMetadata']['HTTPStatusCode']


def answer_to(what, arguments):
    try:
        return globals()[what](**arguments)
    except ClientError as refused:
        metadata = refused.response['ResponseMetadata']
        return {'retries': metadata['RetryAttempts'], **refused.response['Error']}


def as_json(value):
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    raise TypeError(f'{value!r} is not JSON')


json.dump([answer_to(*each) for each in json.load(sys.stdin)], sys.stdout, default=as_json)
