"""GET requests to the URL of a function, signed as AWS wants them.

Standard input is a list of addresses, standard output the list of their answers, [status, body], both JSON. botocore comes with
ministack; region and credentials come from the usual variables.
"""
import json
import sys

import botocore.session
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.httpsession import URLLib3Session

session = botocore.session.get_session()
signer = SigV4Auth(session.get_credentials(), 'lambda', session.get_config_variable('region'))
http = URLLib3Session()


def get(address):
    request = AWSRequest('GET', address)
    signer.add_auth(request)
    answer = http.send(request.prepare())
    return [answer.status_code, answer.text]


json.dump([get(each) for each in json.load(sys.stdin)], sys.stdout)
