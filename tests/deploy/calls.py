"""Calls of the AWS API that the project has no client for.

Standard input is a list of [service, operation, arguments], standard output the list of their answers, both JSON.
botocore comes with ministack; endpoint, region and credentials come from the usual variables.
"""
import json
import sys

import botocore.session

session = botocore.session.get_session()
clients = {}


def call(service, operation, arguments):
    if service not in clients:
        clients[service] = session.create_client(service)
    client = clients[service]
    if client.can_paginate(operation):
        return client.get_paginator(operation).paginate(**arguments).build_full_result()
    return getattr(client, operation)(**arguments)


json.dump([call(*each) for each in json.load(sys.stdin)], sys.stdout, default=str)
