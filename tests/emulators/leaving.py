"""One thing of each kind that an account may hold, made with boto3: what there is to be found and removed."""

from __future__ import annotations

import io
import json
import zipfile
from typing import TYPE_CHECKING, Any

from tests.emulators import aws

if TYPE_CHECKING:
    from collections.abc import Callable

TRUST = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [
            {"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}
        ],
    }
)
POLICY = json.dumps(
    {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}]}
)
DEFINITION = json.dumps({"StartAt": "End", "States": {"End": {"Type": "Succeed"}}})
TEMPLATE = json.dumps({"Resources": {"Topic": {"Type": "AWS::SNS::Topic"}}})
KEY = [{"AttributeName": "id", "KeyType": "HASH"}]
ATTRIBUTES = [{"AttributeName": "id", "AttributeType": "S"}]

Make = "Callable[[Maker], object]"


class Maker:
    """An account in which things are made."""

    def __init__(self, endpoint: str, account: str) -> None:
        self._endpoint = endpoint
        self.account = account
        self._clients: dict[str, Any] = {}

    def __getitem__(self, service: str) -> Any:
        if service not in self._clients:
            self._clients[service] = aws.client(service, self._endpoint, self.account)
        return self._clients[service]

    @property
    def role(self) -> str:
        """The ARN of a role that need not be there."""
        return f"arn:aws:iam::{self.account}:role/any"

    def vpc(self) -> str:
        return str(self["ec2"].create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"])

    def subnet(self, block: str = "10.0.1.0/24", vpc: str | None = None, zone: str = "us-east-1a") -> str:
        made = self["ec2"].create_subnet(CidrBlock=block, VpcId=vpc or self.vpc(), AvailabilityZone=zone)
        return str(made["Subnet"]["SubnetId"])


def bucket(m: Maker) -> None:
    s3 = m["s3"]
    s3.create_bucket(Bucket=f"left-{m.account}")
    s3.put_bucket_versioning(Bucket=f"left-{m.account}", VersioningConfiguration={"Status": "Enabled"})
    for body in (b"1", b"2"):
        s3.put_object(Bucket=f"left-{m.account}", Key="a/b c", Body=body)
    s3.delete_object(Bucket=f"left-{m.account}", Key="a/b c")
    s3.put_object(Bucket=f"left-{m.account}", Key="other", Body=b"3")


def file_system(m: Maker) -> None:
    made = m["efs"].create_file_system(CreationToken="t")["FileSystemId"]
    m["efs"].create_access_point(ClientToken="t", FileSystemId=made)
    m["efs"].create_mount_target(FileSystemId=made, SubnetId=m.subnet())


def backup_plan(m: Maker) -> None:
    plan = {"BackupPlanName": "p", "Rules": [{"RuleName": "r", "TargetBackupVaultName": "v"}]}
    m["backup"].create_backup_plan(BackupPlan=plan)


def server(m: Maker) -> None:
    made = m["transfer"].create_server()["ServerId"]
    m["transfer"].create_user(ServerId=made, UserName="user", Role=m.role)


def subscription(m: Maker) -> None:
    topic = m["sns"].create_topic(Name="t")["TopicArn"]
    queue = f"arn:aws:sqs:us-east-1:{m.account}:q"
    m["sns"].subscribe(TopicArn=topic, Protocol="sqs", Endpoint=queue)


def delivery_stream(m: Maker) -> None:
    destination = {"RoleARN": m.role, "BucketARN": "arn:aws:s3:::b"}
    m["firehose"].create_delivery_stream(DeliveryStreamName="d", S3DestinationConfiguration=destination)


def rule(m: Maker) -> None:
    events = m["events"]
    events.put_rule(Name="r", ScheduleExpression="rate(1 day)")
    events.put_targets(Rule="r", Targets=[{"Id": "1", "Arn": f"arn:aws:sqs:us-east-1:{m.account}:q"}])


def event_bus(m: Maker) -> None:
    events = m["events"]
    events.create_event_bus(Name="bus")
    events.put_rule(Name="r", EventBusName="bus", EventPattern='{"source": ["x"]}')
    target = {"Id": "1", "Arn": f"arn:aws:sqs:us-east-1:{m.account}:q"}
    events.put_targets(Rule="r", EventBusName="bus", Targets=[target])


def archive(m: Maker) -> None:
    source = f"arn:aws:events:us-east-1:{m.account}:event-bus/default"
    m["events"].create_archive(ArchiveName="a", EventSourceArn=source)


def connection(m: Maker) -> str:
    keys = {"ApiKeyAuthParameters": {"ApiKeyName": "k", "ApiKeyValue": "v"}}
    made = m["events"].create_connection(Name="c", AuthorizationType="API_KEY", AuthParameters=keys)
    return str(made["ConnectionArn"])


def api_destination(m: Maker) -> None:
    m["events"].create_api_destination(
        Name="d", ConnectionArn=connection(m), InvocationEndpoint="https://example.com", HttpMethod="POST"
    )


def schedule(m: Maker) -> None:
    target = {"Arn": f"arn:aws:sqs:us-east-1:{m.account}:q", "RoleArn": m.role}
    window = {"Mode": "OFF"}
    m["scheduler"].create_schedule(
        Name="s", ScheduleExpression="rate(1 day)", FlexibleTimeWindow=window, Target=target
    )


def pipe(m: Maker) -> None:
    source, target = (f"arn:aws:sqs:us-east-1:{m.account}:{name}" for name in ("a", "b"))
    m["pipes"].create_pipe(Name="p", RoleArn=m.role, Source=source, Target=target)


def broker(m: Maker) -> None:
    m["mq"].create_broker(
        BrokerName="b",
        EngineType="ACTIVEMQ",
        EngineVersion="5.16.3",
        DeploymentMode="SINGLE_INSTANCE",
        HostInstanceType="mq.t3.micro",
        AutoMinorVersionUpgrade=True,
        PubliclyAccessible=True,
        Users=[{"Username": "u", "Password": "p" * 12}],
    )


def role(m: Maker) -> None:
    iam = m["iam"]
    iam.create_role(RoleName="r", AssumeRolePolicyDocument=TRUST)
    iam.put_role_policy(RoleName="r", PolicyName="inline", PolicyDocument=POLICY)
    policy = iam.create_policy(PolicyName="attached", PolicyDocument=POLICY)["Policy"]["Arn"]
    iam.create_policy_version(PolicyArn=policy, PolicyDocument=POLICY, SetAsDefault=True)
    iam.attach_role_policy(RoleName="r", PolicyArn=policy)
    iam.create_instance_profile(InstanceProfileName="p")
    iam.add_role_to_instance_profile(InstanceProfileName="p", RoleName="r")


def user(m: Maker) -> None:
    iam = m["iam"]
    iam.create_user(UserName="u")
    iam.create_access_key(UserName="u")
    iam.put_user_policy(UserName="u", PolicyName="inline", PolicyDocument=POLICY)
    iam.create_group(GroupName="g")
    iam.put_group_policy(GroupName="g", PolicyName="inline", PolicyDocument=POLICY)
    iam.add_user_to_group(UserName="u", GroupName="g")


def key(m: Maker) -> None:
    made = m["kms"].create_key()["KeyMetadata"]["KeyId"]
    m["kms"].create_alias(AliasName="alias/left", TargetKeyId=made)


def user_pool(m: Maker) -> None:
    made = m["cognito-idp"].create_user_pool(PoolName="p")["UserPool"]["Id"]
    m["cognito-idp"].create_user_pool_domain(Domain="left-domain", UserPoolId=made)


def instance(m: Maker) -> None:
    subnet = m.subnet()
    images = m["ec2"].describe_images()["Images"]
    m["ec2"].run_instances(
        ImageId=images[0]["ImageId"], MinCount=1, MaxCount=1, SubnetId=subnet, InstanceType="t3.micro"
    )


def network(m: Maker) -> None:
    ec2, vpc = m["ec2"], m.vpc()
    subnet = m.subnet(vpc=vpc)
    gateway = ec2.create_internet_gateway()["InternetGateway"]["InternetGatewayId"]
    ec2.attach_internet_gateway(InternetGatewayId=gateway, VpcId=vpc)
    table = ec2.create_route_table(VpcId=vpc)["RouteTable"]["RouteTableId"]
    ec2.associate_route_table(RouteTableId=table, SubnetId=subnet)
    ec2.create_route(RouteTableId=table, DestinationCidrBlock="0.0.0.0/0", GatewayId=gateway)
    ec2.create_network_acl(VpcId=vpc)
    groups = [
        ec2.create_security_group(GroupName=name, Description="d", VpcId=vpc)["GroupId"] for name in ("a", "b")
    ]
    for one, other in (groups, groups[::-1]):
        permission = {"IpProtocol": "tcp", "FromPort": 1, "ToPort": 2, "UserIdGroupPairs": [{"GroupId": other}]}
        ec2.authorize_security_group_ingress(GroupId=one, IpPermissions=[permission])
    ec2.create_network_interface(SubnetId=subnet, Groups=groups)
    ec2.create_vpc_endpoint(
        VpcId=vpc, ServiceName="com.amazonaws.us-east-1.s3", VpcEndpointType="Gateway", RouteTableIds=[table]
    )


def address(m: Maker) -> None:
    ec2 = m["ec2"]
    made = ec2.allocate_address(Domain="vpc")["AllocationId"]
    interface = ec2.create_network_interface(SubnetId=m.subnet())["NetworkInterface"]["NetworkInterfaceId"]
    ec2.associate_address(AllocationId=made, NetworkInterfaceId=interface)


def nat_gateway(m: Maker) -> None:
    made = m["ec2"].allocate_address(Domain="vpc")["AllocationId"]
    m["ec2"].create_nat_gateway(SubnetId=m.subnet(), AllocationId=made)


def peering_connection(m: Maker) -> None:
    m["ec2"].create_vpc_peering_connection(VpcId=m.vpc(), PeerVpcId=m.vpc())


def volume(m: Maker) -> None:
    made = m["ec2"].create_volume(AvailabilityZone="us-east-1a", Size=1)["VolumeId"]
    m["ec2"].create_snapshot(VolumeId=made)


def auto_scaling_group(m: Maker) -> None:
    m["autoscaling"].create_launch_configuration(
        LaunchConfigurationName="l", ImageId="ami-12345678", InstanceType="t3.micro"
    )
    m["autoscaling"].create_auto_scaling_group(
        AutoScalingGroupName="a", LaunchConfigurationName="l", MinSize=0, MaxSize=1, VPCZoneIdentifier=m.subnet()
    )


def load_balancer(m: Maker) -> None:
    vpc = m.vpc()
    subnets = [m.subnet("10.0.1.0/24", vpc), m.subnet("10.0.2.0/24", vpc, "us-east-1b")]
    balancer = m["elbv2"].create_load_balancer(Name="l", Subnets=subnets)["LoadBalancers"][0]["LoadBalancerArn"]
    group = m["elbv2"].create_target_group(Name="t", Protocol="HTTP", Port=80, VpcId=vpc)
    action = {"Type": "forward", "TargetGroupArn": group["TargetGroups"][0]["TargetGroupArn"]}
    m["elbv2"].create_listener(LoadBalancerArn=balancer, Protocol="HTTP", Port=80, DefaultActions=[action])


def hosted_zone(m: Maker) -> None:
    made = m["route53"].create_hosted_zone(Name="left.test", CallerReference=m.account)["HostedZone"]["Id"]
    records = {"Name": "a.left.test", "Type": "A", "TTL": 5, "ResourceRecords": [{"Value": "10.0.0.1"}]}
    change = {"Changes": [{"Action": "CREATE", "ResourceRecordSet": records}]}
    m["route53"].change_resource_record_sets(HostedZoneId=made, ChangeBatch=change)


def health_check(m: Maker) -> None:
    about = {"Type": "TCP", "IPAddress": "10.0.0.1", "Port": 80}
    m["route53"].create_health_check(CallerReference="c", HealthCheckConfig=about)


def resolver(m: Maker) -> None:
    vpc = m.vpc()
    addresses = [
        {"SubnetId": m.subnet("10.0.1.0/24", vpc)},
        {"SubnetId": m.subnet("10.0.2.0/24", vpc, "us-east-1b")},
    ]
    group = m["ec2"].create_security_group(GroupName="r", Description="d", VpcId=vpc)["GroupId"]
    endpoint = m["route53resolver"].create_resolver_endpoint(
        CreatorRequestId="e", SecurityGroupIds=[group], Direction="OUTBOUND", IpAddresses=addresses, Name="e"
    )["ResolverEndpoint"]["Id"]
    rule = m["route53resolver"].create_resolver_rule(
        CreatorRequestId="r",
        RuleType="FORWARD",
        DomainName="x.test",
        Name="r",
        ResolverEndpointId=endpoint,
        TargetIps=[{"Ip": "10.0.0.9", "Port": 53}],
    )["ResolverRule"]["Id"]
    m["route53resolver"].associate_resolver_rule(ResolverRuleId=rule, VPCId=vpc, Name="a")


def query_log_config(m: Maker) -> None:
    group = f"arn:aws:logs:us-east-1:{m.account}:log-group:g"
    m["route53resolver"].create_resolver_query_log_config(Name="q", DestinationArn=group, CreatorRequestId="q")


def firewall(m: Maker) -> None:
    resolver = m["route53resolver"]
    domains = resolver.create_firewall_domain_list(CreatorRequestId="d", Name="d")["FirewallDomainList"]["Id"]
    group = resolver.create_firewall_rule_group(CreatorRequestId="g", Name="g")["FirewallRuleGroup"]["Id"]
    resolver.create_firewall_rule(
        CreatorRequestId="r",
        FirewallRuleGroupId=group,
        FirewallDomainListId=domains,
        Priority=1,
        Action="ALLOW",
        Name="r",
    )


def discovered_service(m: Maker) -> None:
    m["servicediscovery"].create_http_namespace(Name="n")
    namespace = m["servicediscovery"].list_namespaces()["Namespaces"][0]["Id"]
    made = m["servicediscovery"].create_service(Name="s", NamespaceId=namespace)["Service"]["Id"]
    m["servicediscovery"].register_instance(
        ServiceId=made, InstanceId="i", Attributes={"AWS_INSTANCE_IPV4": "10.0.0.1"}
    )


def function(m: Maker) -> None:
    code = io.BytesIO()
    with zipfile.ZipFile(code, "w") as archive:
        archive.writestr("main.py", "def handler(event, context): pass\n")
    role = m["iam"].create_role(RoleName="f", AssumeRolePolicyDocument=TRUST)["Role"]["Arn"]
    m["lambda"].create_function(
        FunctionName="f",
        Runtime="python3.12",
        Role=role,
        Handler="main.handler",
        Code={"ZipFile": code.getvalue()},
    )


def cluster(m: Maker) -> None:
    ecs = m["ecs"]
    ecs.create_cluster(clusterName="c")
    ecs.register_task_definition(
        family="t", containerDefinitions=[{"name": "n", "image": "i", "memory": 64, "cpu": 1}]
    )
    ecs.create_service(cluster="c", serviceName="s", taskDefinition="t", desiredCount=1)


def rest_api(m: Maker) -> None:
    api = m["apigateway"].create_rest_api(name="a")["id"]
    root = m["apigateway"].get_resources(restApiId=api)["items"][0]["id"]
    m["apigateway"].put_method(restApiId=api, resourceId=root, httpMethod="GET", authorizationType="NONE")
    m["apigateway"].put_integration(restApiId=api, resourceId=root, httpMethod="GET", type="MOCK")
    m["apigateway"].create_deployment(restApiId=api, stageName="s")
    plan = m["apigateway"].create_usage_plan(name="p", apiStages=[{"apiId": api, "stage": "s"}])["id"]
    key = m["apigateway"].create_api_key(name="k")["id"]
    m["apigateway"].create_usage_plan_key(usagePlanId=plan, keyId=key, keyType="API_KEY")


def project(m: Maker) -> None:
    m["codebuild"].create_project(
        name="project",
        source={"type": "S3", "location": "bucket/path/source.zip"},
        artifacts={"type": "NO_ARTIFACTS"},
        environment={"type": "LINUX_CONTAINER", "image": "i", "computeType": "BUILD_GENERAL1_SMALL"},
        serviceRole=m.role,
    )


def table(m: Maker) -> None:
    m["dynamodb"].create_table(
        TableName="left",
        KeySchema=KEY,
        AttributeDefinitions=ATTRIBUTES,
        BillingMode="PAY_PER_REQUEST",
        DeletionProtectionEnabled=True,
    )


def redshift(m: Maker) -> None:
    m["redshift"].create_cluster_subnet_group(ClusterSubnetGroupName="s", Description="d", SubnetIds=[m.subnet()])
    m["redshift"].create_cluster_parameter_group(
        ParameterGroupName="p", ParameterGroupFamily="redshift-1.0", Description="d"
    )
    m["redshift"].create_cluster(
        ClusterIdentifier="c",
        NodeType="ra3.large",
        MasterUsername="admin",
        MasterUserPassword="Password1",
        ClusterSubnetGroupName="s",
    )


def crawler(m: Maker) -> None:
    m["glue"].create_database(DatabaseInput={"Name": "d"})
    m["glue"].create_table(DatabaseName="d", TableInput={"Name": "t"})
    m["glue"].create_crawler(Name="c", Role=m.role, DatabaseName="d", Targets={"S3Targets": [{"Path": "s3://b/"}]})


def workgroup(m: Maker) -> None:
    m["athena"].create_work_group(Name="w")
    m["athena"].create_named_query(Name="q", Database="d", QueryString="select 1")


def log_group(m: Maker) -> None:
    m["logs"].create_log_group(logGroupName="left")
    m["logs"].create_log_stream(logGroupName="left", logStreamName="s")


def alarm(m: Maker) -> None:
    m["cloudwatch"].put_metric_alarm(
        AlarmName="a",
        ComparisonOperator="GreaterThanThreshold",
        EvaluationPeriods=1,
        MetricName="m",
        Namespace="n",
        Period=60,
        Statistic="Sum",
        Threshold=1,
    )


def trail(m: Maker) -> None:
    m["s3"].create_bucket(Bucket=f"trail-{m.account}")
    m["cloudtrail"].create_trail(Name="left-trail", S3BucketName=f"trail-{m.account}")


def config(m: Maker) -> None:
    recorder = {"name": "default", "roleARN": m.role, "recordingGroup": {"allSupported": True}}
    m["config"].put_configuration_recorder(ConfigurationRecorder=recorder)
    m["config"].put_delivery_channel(DeliveryChannel={"name": "default", "s3BucketName": "b"})
    m["config"].start_configuration_recorder(ConfigurationRecorderName="default")


def config_rule(m: Maker) -> None:
    source = {"Owner": "AWS", "SourceIdentifier": "S3_BUCKET_VERSIONING_ENABLED"}
    m["config"].put_config_rule(ConfigRule={"ConfigRuleName": "r", "Source": source})


def aggregator(m: Maker) -> None:
    sources = [{"AccountIds": [m.account], "AllAwsRegions": True}]
    m["config"].put_configuration_aggregator(ConfigurationAggregatorName="a", AccountAggregationSources=sources)


def distribution(m: Maker) -> None:
    m["cloudfront"].create_distribution(
        DistributionConfig={
            "CallerReference": m.account,
            "Comment": "",
            "Enabled": True,
            "Origins": {
                "Quantity": 1,
                "Items": [
                    {
                        "Id": "o",
                        "DomainName": "b.s3.amazonaws.com",
                        "S3OriginConfig": {"OriginAccessIdentity": ""},
                    }
                ],
            },
            "DefaultCacheBehavior": {
                "TargetOriginId": "o",
                "ViewerProtocolPolicy": "allow-all",
                "MinTTL": 0,
                "ForwardedValues": {"QueryString": False, "Cookies": {"Forward": "none"}},
            },
        }
    )


def web_acl(m: Maker) -> None:
    about = {"SampledRequestsEnabled": False, "CloudWatchMetricsEnabled": False, "MetricName": "m"}
    m["wafv2"].create_web_acl(Name="w", Scope="REGIONAL", DefaultAction={"Allow": {}}, VisibilityConfig=about)
    m["wafv2"].create_ip_set(Name="i", Scope="REGIONAL", IPAddressVersion="IPV4", Addresses=["10.0.0.0/8"])


def thing(m: Maker) -> None:
    iot = m["iot"]
    iot.create_thing_type(thingTypeName="type")
    iot.create_thing(thingName="t")
    certificate = iot.create_keys_and_certificate(setAsActive=True)["certificateArn"]
    iot.create_policy(policyName="p", policyDocument=POLICY)
    iot.attach_policy(policyName="p", target=certificate)
    iot.attach_thing_principal(thingName="t", principal=certificate)


def broad(service: str, call: str, **parameters: Any) -> Callable[[Maker], object]:
    return lambda m: getattr(m[service], call)(**parameters)


MAKERS: dict[str, Callable[[Maker], object]] = {
    "s3.bucket": bucket,
    "ecr.repository": broad("ecr", "create_repository", repositoryName="left"),
    "efs.file system": file_system,
    "backup.plan": backup_plan,
    "backup.vault": broad("backup", "create_backup_vault", BackupVaultName="left"),
    "transfer.server": server,
    "sqs.queue": broad("sqs", "create_queue", QueueName="left"),
    "sns.subscription": subscription,
    "sns.topic": broad("sns", "create_topic", Name="left"),
    "kinesis.stream": broad("kinesis", "create_stream", StreamName="left", ShardCount=1),
    "firehose.delivery stream": delivery_stream,
    "events.archive": archive,
    "events.rule": rule,
    "events.event bus": event_bus,
    "events.api destination": api_destination,
    "scheduler.schedule": schedule,
    "scheduler.schedule group": broad("scheduler", "create_schedule_group", Name="left"),
    "pipes.pipe": pipe,
    "mq.broker": broker,
    "ses.identity": broad("ses", "verify_email_identity", EmailAddress="left@example.com"),
    "ses.configuration set": broad("ses", "create_configuration_set", ConfigurationSet={"Name": "left"}),
    "ses.receipt rule set": broad("ses", "create_receipt_rule_set", RuleSetName="left"),
    "ses.template": broad(
        "ses", "create_template", Template={"TemplateName": "left", "SubjectPart": "s", "TextPart": "t"}
    ),
    "iam.role": role,
    "iam.user": user,
    "iam.account alias": broad("iam", "create_account_alias", AccountAlias="left-alias"),
    "iam.oidc provider": broad(
        "iam", "create_open_id_connect_provider", Url="https://left.example.com", ThumbprintList=["a" * 40]
    ),
    "kms.key": key,
    "secretsmanager.secret": broad("secretsmanager", "create_secret", Name="left", SecretString="s"),
    "acm.certificate": broad("acm", "request_certificate", DomainName="left.example.com"),
    "cognito-idp.user pool": user_pool,
    "cognito-identity.identity pool": broad(
        "cognito-identity", "create_identity_pool", IdentityPoolName="left", AllowUnauthenticatedIdentities=False
    ),
    "organizations.organization": broad("organizations", "create_organization"),
    "ec2.vpc": network,
    "ec2.instance": instance,
    "ec2.address": address,
    "ec2.nat gateway": nat_gateway,
    "ec2.peering connection": peering_connection,
    "ec2.volume": volume,
    "ec2.key pair": broad("ec2", "create_key_pair", KeyName="left"),
    "ec2.launch template": broad(
        "ec2", "create_launch_template", LaunchTemplateName="left", LaunchTemplateData={"InstanceType": "t3.micro"}
    ),
    "autoscaling.group": auto_scaling_group,
    "elbv2.load balancer": load_balancer,
    "route53.hosted zone": hosted_zone,
    "route53.health check": health_check,
    "route53resolver.rule association": resolver,
    "route53resolver.query log config": query_log_config,
    "route53resolver.firewall rule group": firewall,
    "servicediscovery.service": discovered_service,
    "lambda.function": function,
    "ecs.cluster": cluster,
    "stepfunctions.state machine": lambda m: m["stepfunctions"].create_state_machine(
        name="left", definition=DEFINITION, roleArn=m.role
    ),
    "stepfunctions.activity": broad("stepfunctions", "create_activity", name="left"),
    "apigateway.rest api": rest_api,
    "apigatewayv2.api": broad("apigatewayv2", "create_api", Name="left", ProtocolType="HTTP"),
    "appsync.graphql api": broad("appsync", "create_graphql_api", name="left", authenticationType="API_KEY"),
    "codebuild.project": project,
    "cloudformation.stack": broad("cloudformation", "create_stack", StackName="left", TemplateBody=TEMPLATE),
    "swf.domain": broad("swf", "register_domain", name="left", workflowExecutionRetentionPeriodInDays="1"),
    "dynamodb.table": table,
    "redshift.cluster": redshift,
    "glue.crawler": crawler,
    "athena.workgroup": workgroup,
    "opensearch.domain": broad("opensearch", "create_domain", DomainName="left"),
    "logs.log group": log_group,
    "logs.resource policy": broad("logs", "put_resource_policy", policyName="left", policyDocument=POLICY),
    "cloudwatch.alarm": alarm,
    "cloudwatch.dashboard": broad(
        "cloudwatch", "put_dashboard", DashboardName="left", DashboardBody='{"widgets": []}'
    ),
    "ssm.parameter": broad("ssm", "put_parameter", Name="/left", Value="v", Type="String"),
    "ssm.document": broad(
        "ssm",
        "create_document",
        Name="left",
        Content=json.dumps({"schemaVersion": "2.2", "mainSteps": []}),
        DocumentType="Command",
    ),
    "ssm.maintenance window": broad(
        "ssm",
        "create_maintenance_window",
        Name="left",
        Schedule="rate(1 day)",
        Duration=2,
        Cutoff=1,
        AllowUnassociatedTargets=True,
    ),
    "cloudtrail.trail": trail,
    "config.recorder": config,
    "config.rule": config_rule,
    "config.aggregator": aggregator,
    "guardduty.detector": broad("guardduty", "create_detector", Enable=True),
    "resource-groups.group": broad(
        "resource-groups",
        "create_group",
        Name="left",
        ResourceQuery={
            "Type": "TAG_FILTERS_1_0",
            "Query": json.dumps({"ResourceTypeFilters": ["AWS::AllSupported"], "TagFilters": [{"Key": "k"}]}),
        },
    ),
    "cloudfront.distribution": distribution,
    "wafv2.web acl": web_acl,
    "iot.thing": thing,
}
"""By the kind that is to be found; several of them make other things too."""
