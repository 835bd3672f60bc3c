"""Runs in the environment of soda-core: every contract in one session."""

import sys

from soda_core.common.yaml import ContractYamlSource, DataSourceYamlSource
from soda_core.contracts.contract_verification import ContractVerificationSession

source, *contracts = sys.argv[1:]
session = ContractVerificationSession.execute(
    contract_yaml_sources=[ContractYamlSource.from_file_path(path) for path in contracts],
    data_source_yaml_sources=[DataSourceYamlSource.from_file_path(source)],
)
for result in session.contract_verification_results:
    if not result.check_results:
        sys.exit(f"no results: {session.get_logs_str()}")
    for check in result.check_results:
        print(check.check.type, check.outcome, check.threshold_value)
