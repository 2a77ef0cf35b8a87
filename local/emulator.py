"""Starts MiniStack on loopback, with what a deployment needs of CloudFormation and MiniStack does not have.

    python emulator.py --port 4566 --handset http://127.0.0.1:4567 --step-functions http://127.0.0.1:4568
    python emulator.py --types      prints which resource types MiniStack knows and which are inert here
"""

import argparse
import json
import os
import runpy
import signal
import sys
import threading
import time

# Accepted and remembered, without effect: a deployment needs them on AWS, nothing calls them here.
INERT = [
    "AWS::Backup::BackupSelection",
    "AWS::CloudWatch::CompositeAlarm",
    "AWS::Pinpoint::App",
    "AWS::SMSVOICE::ConfigurationSet",
    "AWS::SMSVOICE::OptOutList",
    "AWS::SMSVOICE::Pool",
    "AWS::StepFunctions::StateMachineAlias",
    "AWS::StepFunctions::StateMachineVersion",
    "AWS::WAFv2::LoggingConfiguration",
    "AWS::WAFv2::WebACLAssociation",
]


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--port", type=int, default=4566)
    parser.add_argument("--handset", help="base URL that answers the SMS, push and e-mail send APIs")
    parser.add_argument("--step-functions", help="base URL that answers the Step Functions API")
    parser.add_argument("--parent", type=int, help="process with which this one ends, however that ends")
    parser.add_argument("--types", action="store_true")
    return parser.parse_args()


def environment(port, handset, step_functions):
    """What MiniStack reads, and what every function inherits from its process."""
    given = {
        "BIND_HOST": "127.0.0.1",
        "GATEWAY_PORT": str(port),
        "IOT_MTLS_ENABLED": "0",
        "SFTP_ENABLED": "0",
        "LAMBDA_EXECUTOR": "local",
        "AWS_ENDPOINT_URL_PINPOINT": handset,
        "AWS_ENDPOINT_URL_PINPOINT_SMS_VOICE_V2": handset,
        "AWS_ENDPOINT_URL_SESV2": handset,
        "AWS_ENDPOINT_URL_SFN": step_functions,
    }
    os.environ.update({name: value for name, value in given.items() if value})
    os.environ.setdefault("LAMBDA_ACCOUNT_CONCURRENCY", "96")
    os.environ.setdefault("LOG_LEVEL", "WARNING")


def inert(kind):
    service, name = kind.split("::")[1:]

    def create(logical_id, props, stack_name):
        identity = f"{stack_name}-{logical_id}"
        arn = f"arn:aws:{service.lower()}:us-east-1:000000000000:{name.lower()}/{identity}"
        if kind.startswith("AWS::StepFunctions::"):
            return arn, {"Arn": arn}
        return identity, {"Arn": arn, "Id": identity, "ApplicationId": identity, "PhoneNumberId": identity}

    def update(physical_id, old_props, new_props, stack_name):
        return create(physical_id.removeprefix(f"{stack_name}-"), new_props, stack_name)

    return {"create": create, "update": update, "delete": lambda physical_id, props: None}


def without_metric_math(alarm):
    """MiniStack refuses an alarm on an expression; here it is accepted and never rings."""
    create = alarm["create"]
    silent = inert("AWS::CloudWatch::Alarm")["create"]

    def choose(logical_id, props, stack_name):
        return (silent if props.get("Metrics") else create)(logical_id, props, stack_name)

    return {**alarm, "create": choose}


def with_lock(bucket):
    """MiniStack knows Object Lock, but CloudFormation does not tell it."""
    from ministack.services import s3

    def keep(name, props):
        if props.get("ObjectLockEnabled") in (True, "true"):
            rule = props.get("ObjectLockConfiguration", {}).get("Rule", {})
            s3._bucket_object_lock[name] = {"enabled": True, "default_retention": rule.get("DefaultRetention")}

    def create(logical_id, props, stack_name):
        name, attributes = bucket["create"](logical_id, props, stack_name)
        keep(name, props)
        return name, attributes

    return {**bucket, "create": create}


def believe_the_handset():
    """PutEvents refuses `aws.*` sources, as on AWS; the handset plays the AWS services that report deliveries."""
    from ministack.services import eventbridge

    put_events = eventbridge._put_events

    def put(data, **options):
        sources = {entry.get("Source") for entry in data.get("Entries", [])}
        return put_events(data, **{**options, "allow_aws_source": sources <= {"aws.sms-voice", "aws.ses"}})

    eventbridge._put_events = put


def name_errors():
    """A function that fails answers with the name of its error, as on AWS; a workflow's ErrorEquals speaks of that name."""
    from ministack.core import lambda_runtime
    from ministack.services import lambda_svc

    unnamed = "error: String(err.message || err), trace"
    named = "error: JSON.stringify({ errorType: err.name, errorMessage: String(err.message || err) }), trace"
    script = lambda_runtime._NODEJS_WORKER_SCRIPT
    if unnamed not in script:
        sys.exit("MiniStack tells errors otherwise now: see name_errors in emulator.py")
    lambda_runtime._NODEJS_WORKER_SCRIPT = script.replace(unnamed, named)
    execute = lambda_svc._execute_function_warm

    def run(func, event, request_id):
        result = execute(func, event, request_id)
        if result.get("error"):
            try:
                told = json.loads(result["body"]["errorMessage"])
            except (TypeError, ValueError):
                return result
            if isinstance(told, dict) and told.keys() == {"errorType", "errorMessage"}:
                return {**result, "body": told}
        return result

    lambda_svc._execute_function_warm = run


def end_with(parent):
    """A launcher that was killed cannot stop what it started."""

    def watch():
        while os.getppid() == parent:
            time.sleep(0.5)
        os.killpg(os.getpgrp(), signal.SIGKILL)

    threading.Thread(target=watch, daemon=True).start()


def main():
    chosen = arguments()
    environment(chosen.port, chosen.handset, chosen.step_functions)
    from ministack.services.cloudformation.provisioners import _RESOURCE_HANDLERS as handlers

    if chosen.types:
        print(json.dumps({"known": sorted(set(handlers) - set(INERT)), "inert": INERT}))
        return
    for kind in INERT:
        if kind in handlers:
            sys.exit(f"MiniStack knows {kind} now: take it out of INERT")
        handlers[kind] = inert(kind)
    handlers["AWS::CloudWatch::Alarm"] = without_metric_math(handlers["AWS::CloudWatch::Alarm"])
    handlers["AWS::S3::Bucket"] = with_lock(handlers["AWS::S3::Bucket"])
    believe_the_handset()
    name_errors()
    if chosen.parent:
        end_with(chosen.parent)
    sys.argv = ["ministack"]
    runpy.run_module("ministack", run_name="__main__")


if __name__ == "__main__":
    main()
