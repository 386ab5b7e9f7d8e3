"""The only room that imports aioboto3, aiobotocore and botocore: sessions, clients, parsers, pages, error translation.

:class:`dbtui.aws.gateway.AwsGateway` implements :class:`dbtui.gateway.protocol.Gateway`;
:mod:`dbtui.aws.targets` turns profiles and regions into targets. Importing this package or the gateway's module
loads none of the three libraries: they come in a thread, at the first call.
"""
