"""Privacy: client addresses as buckets, personal data found and masked. Imports nothing of the rest."""

from telemetry.privacy.client_ip import ALL_BUCKETS, ClientIpBuckets
from telemetry.privacy.personal_data import KINDS, find_personal_data, mask

__all__ = ["ALL_BUCKETS", "KINDS", "ClientIpBuckets", "find_personal_data", "mask"]
