"""Load balancers of both generations, and certificates."""
from .common import REGION, client, network, refused


def acm():
    c = client("acm")
    arn = c.request_certificate(DomainName="cov.example.com", ValidationMethod="DNS", SubjectAlternativeNames=["www.cov.example.com"], IdempotencyToken="cov", KeyAlgorithm="RSA_2048", Options={"CertificateTransparencyLoggingPreference": "ENABLED"}, Tags=[{"Key": "coverage", "Value": "1"}])["CertificateArn"]
    c.add_tags_to_certificate(CertificateArn=arn, Tags=[{"Key": "a", "Value": "b"}])
    c.remove_tags_from_certificate(CertificateArn=arn, Tags=[{"Key": "a"}])
    c.list_certificates(CertificateStatuses=["PENDING_VALIDATION", "ISSUED"], MaxItems=5)
    c.describe_certificate(CertificateArn=arn)
    return arn


def elbv2():
    c = client("elbv2")
    certificate = acm()
    vpc, subnets = network("10.92", public=True)
    tags = [{"Key": "coverage", "Value": "1"}]
    groups = [client("ec2").create_security_group(GroupName=f"lb{n}", Description="x", VpcId=vpc)["GroupId"] for n in range(2)]
    made = c.create_load_balancer(Name="cov-alb", Subnets=subnets, SecurityGroups=groups[:1], Scheme="internet-facing", Type="application", IpAddressType="ipv4", Tags=tags)["LoadBalancers"][0]
    balancer = made["LoadBalancerArn"]
    c.create_load_balancer(Name="cov-nlb", SubnetMappings=[{"SubnetId": subnets[0]}], Type="network", Scheme="internal")
    c.describe_load_balancers(Names=["cov-alb"])
    c.describe_load_balancers(PageSize=1)
    c.add_tags(ResourceArns=[balancer], Tags=[{"Key": "a", "Value": "b"}])
    c.remove_tags(ResourceArns=[balancer], TagKeys=["a"])
    c.modify_load_balancer_attributes(LoadBalancerArn=balancer, Attributes=[{"Key": "idle_timeout.timeout_seconds", "Value": "120"}])
    c.describe_load_balancer_attributes(LoadBalancerArn=balancer)
    c.set_security_groups(LoadBalancerArn=balancer, SecurityGroups=groups)
    c.set_subnets(LoadBalancerArn=balancer, Subnets=subnets)
    c.set_subnets(LoadBalancerArn=balancer, SubnetMappings=[{"SubnetId": subnet} for subnet in subnets], IpAddressType="ipv4")
    c.set_ip_address_type(LoadBalancerArn=balancer, IpAddressType="ipv4")
    check = {"HealthCheckEnabled": True, "HealthCheckPath": "/health", "HealthCheckPort": "traffic-port", "HealthCheckProtocol": "HTTP", "HealthCheckIntervalSeconds": 20, "HealthCheckTimeoutSeconds": 5, "HealthyThresholdCount": 3, "UnhealthyThresholdCount": 2, "Matcher": {"HttpCode": "200-299"}}
    target = c.create_target_group(Name="cov-tg", Protocol="HTTP", ProtocolVersion="HTTP1", Port=80, VpcId=vpc, TargetType="ip", IpAddressType="ipv4", Tags=tags, **check)["TargetGroups"][0]["TargetGroupArn"]
    c.modify_target_group(TargetGroupArn=target, **check)
    c.modify_target_group_attributes(TargetGroupArn=target, Attributes=[{"Key": "deregistration_delay.timeout_seconds", "Value": "10"}])
    c.describe_target_group_attributes(TargetGroupArn=target)
    c.register_targets(TargetGroupArn=target, Targets=[{"Id": "10.92.0.10", "Port": 80}])
    forward = [{"Type": "forward", "TargetGroupArn": target}]
    listener = c.create_listener(LoadBalancerArn=balancer, Protocol="HTTP", Port=80, DefaultActions=forward, Tags=tags)["Listeners"][0]["ListenerArn"]
    secure = c.create_listener(LoadBalancerArn=balancer, Protocol="HTTPS", Port=443, DefaultActions=forward, SslPolicy="ELBSecurityPolicy-TLS13-1-2-2021-06", Certificates=[{"CertificateArn": certificate}])["Listeners"][0]["ListenerArn"]
    plain = {"Type": "fixed-response", "FixedResponseConfig": {"StatusCode": "404", "ContentType": "text/plain", "MessageBody": "no"}}
    other = c.create_listener(LoadBalancerArn=balancer, Protocol="HTTP", Port=8080, DefaultActions=[plain])["Listeners"][0]["ListenerArn"]
    c.modify_listener(ListenerArn=other, DefaultActions=[plain])
    c.create_listener(LoadBalancerArn=balancer, Protocol="HTTP", Port=8081, DefaultActions=[{"Type": "redirect", "RedirectConfig": {"Protocol": "HTTPS", "Port": "443", "StatusCode": "HTTP_301"}}])
    c.describe_listeners(LoadBalancerArn=balancer, PageSize=5)
    c.describe_listeners(ListenerArns=[listener])
    c.describe_listener_certificates(ListenerArn=secure, PageSize=5)
    c.modify_listener(ListenerArn=listener, Port=81, Protocol="HTTP", DefaultActions=[{"Type": "redirect", "RedirectConfig": {"Protocol": "HTTPS", "Port": "443", "Host": "#{host}", "Path": "/#{path}", "Query": "#{query}", "StatusCode": "HTTP_301"}}])
    c.modify_listener(ListenerArn=secure, SslPolicy="ELBSecurityPolicy-2016-08", Certificates=[{"CertificateArn": certificate}])
    c.modify_listener_attributes(ListenerArn=listener, Attributes=[{"Key": "routing.http.response.server.enabled", "Value": "false"}])
    c.describe_listener_attributes(ListenerArn=listener)
    fixed = [{"Type": "fixed-response", "Order": 1, "FixedResponseConfig": {"StatusCode": "404", "ContentType": "text/plain", "MessageBody": "no"}}]
    conditions = [{"Field": "path-pattern", "PathPatternConfig": {"Values": ["/a/*"]}}]
    rule = c.create_rule(ListenerArn=secure, Priority=10, Conditions=conditions, Actions=forward, Tags=tags)["Rules"][0]["RuleArn"]
    c.modify_rule(RuleArn=rule, Conditions=[{"Field": "host-header", "Values": ["cov.example.com"]}], Actions=fixed)
    c.modify_rule(RuleArn=rule, Actions=[{"Type": "forward", "ForwardConfig": {"TargetGroups": [{"TargetGroupArn": target, "Weight": 1}]}}])
    c.describe_rules(ListenerArn=secure, PageSize=5)
    c.describe_rules(RuleArns=[rule])
    c.describe_tags(ResourceArns=[balancer, target, listener, rule])
    c.describe_target_groups(TargetGroupArns=[target])
    c.describe_target_groups(LoadBalancerArn=balancer, PageSize=5)
    c.describe_target_groups(Names=["cov-tg"])
    for _ in range(2):
        c.describe_target_health(TargetGroupArn=target, Targets=[{"Id": "10.92.0.10", "Port": 80}])
    c.deregister_targets(TargetGroupArn=target, Targets=[{"Id": "10.92.0.10", "Port": 80}])
    c.describe_account_limits(PageSize=5)
    c.describe_ssl_policies(Names=["ELBSecurityPolicy-2016-08"], PageSize=5, LoadBalancerType="application")
    c.delete_rule(RuleArn=rule)
    c.delete_listener(ListenerArn=listener)
    c.delete_listener(ListenerArn=secure)
    c.delete_target_group(TargetGroupArn=target)
    c.delete_load_balancer(LoadBalancerArn=balancer)
    elb(vpc, subnets, groups)


def elb(vpc, subnets, groups):
    c = client("elb")
    listeners = [{"Protocol": "TCP", "LoadBalancerPort": 80, "InstanceProtocol": "TCP", "InstancePort": 30080}]
    c.create_load_balancer(LoadBalancerName="cov-elb", Listeners=listeners, Subnets=subnets, SecurityGroups=groups[:1], Scheme="internal", Tags=[{"Key": "coverage", "Value": "1"}])
    c.describe_load_balancers(LoadBalancerNames=["cov-elb"])
    c.describe_load_balancers(PageSize=5)
    c.add_tags(LoadBalancerNames=["cov-elb"], Tags=[{"Key": "a", "Value": "b"}])
    c.describe_tags(LoadBalancerNames=["cov-elb"])
    c.remove_tags(LoadBalancerNames=["cov-elb"], Tags=[{"Key": "a"}])
    c.configure_health_check(LoadBalancerName="cov-elb", HealthCheck={"Target": "TCP:30080", "Interval": 10, "Timeout": 5, "UnhealthyThreshold": 2, "HealthyThreshold": 2})
    c.modify_load_balancer_attributes(LoadBalancerName="cov-elb", LoadBalancerAttributes={"CrossZoneLoadBalancing": {"Enabled": True}, "ConnectionDraining": {"Enabled": True, "Timeout": 30}, "ConnectionSettings": {"IdleTimeout": 60}, "AccessLog": {"Enabled": False}})
    c.describe_load_balancer_attributes(LoadBalancerName="cov-elb")
    c.describe_instance_health(LoadBalancerName="cov-elb")
    refused(c.describe_instance_health, LoadBalancerName="cov-elb", Instances=[{"InstanceId": "i-0123456789abcdef0"}])
    c.describe_account_limits(PageSize=5)
    c.delete_load_balancer(LoadBalancerName="cov-elb")
