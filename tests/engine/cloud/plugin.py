"""What every provider here answers the engine with before it comes to resources."""

from typing import Any

from google.protobuf import empty_pb2
from pulumi.runtime.proto import plugin_pb2, provider_pb2, provider_pb2_grpc


class Plugin(provider_pb2_grpc.ResourceProviderServicer):
    """A provider that is found by its port and takes any configuration; resources are for those that derive."""

    def __init__(self, version: str) -> None:
        self._version = version

    def Handshake(self, request: Any, context: Any) -> Any:
        """Takes secrets and references; without accept_outputs the inputs of remote components are plain values."""
        return provider_pb2.ProviderHandshakeResponse(accept_secrets=True, accept_resources=True)

    def Attach(self, request: Any, context: Any) -> Any:
        """The engine found this process by its port."""
        return empty_pb2.Empty()

    def Cancel(self, request: Any, context: Any) -> Any:
        """As the real provider: what runs is finished."""
        return empty_pb2.Empty()

    def GetPluginInfo(self, request: Any, context: Any) -> Any:
        """The version that the SDK of this project asks for."""
        return plugin_pb2.PluginInfo(version=self._version)

    def CheckConfig(self, request: Any, context: Any) -> Any:
        """Any configuration is fine: it is checked by the program's own settings."""
        return provider_pb2.CheckResponse(inputs=request.news)

    def DiffConfig(self, request: Any, context: Any) -> Any:
        """Configurations do not change here."""
        return provider_pb2.DiffResponse(changes=provider_pb2.DiffResponse.DIFF_NONE)

    def Configure(self, request: Any, context: Any) -> Any:
        """Remembers nothing."""
        return provider_pb2.ConfigureResponse(acceptSecrets=True, supportsPreview=True, acceptResources=True)
