"""Inside a domain: a use case stands on the domain's own machinery, never the other way round."""

import grimp
import pytest

DOMAINS = ("merchants", "cards", "ledger", "rewards", "campaigns", "support", "privacy", "scanning", "wallet")
# import-linter holds the order of these among themselves.
ROLES = ("views", "forms", "schemas", "service", "queries")
GROUND = ("models", "errors")


@pytest.fixture(scope="module")
def graph() -> grimp.ImportGraph:
    return grimp.build_graph("app")


def imports(graph: grimp.ImportGraph, package: str) -> set[str]:
    """Names of the sibling modules or packages that something in `package` imports."""
    parent = package.rpartition(".")[0]
    inside = {package, *graph.find_descendants(package)}
    found = {module for one in inside for module in graph.find_modules_directly_imported_by(one)} - inside
    return {module[len(parent) + 1 :].partition(".")[0] for module in found if module.startswith(f"{parent}.")}


@pytest.mark.parametrize("domain", DOMAINS)
def test_machinery_knows_no_use_case(domain: str, graph: grimp.ImportGraph) -> None:
    root = f"app.{domain}"
    upward = {
        module: sorted(imports(graph, module) & set(ROLES))
        for module in graph.find_children(root)
        if module.removeprefix(f"{root}.") not in ROLES
    }
    assert {module: roles for module, roles in upward.items() if roles} == {}


@pytest.mark.parametrize("domain", DOMAINS)
def test_models_and_errors_stand_on_nothing_of_their_domain(domain: str, graph: grimp.ImportGraph) -> None:
    root = f"app.{domain}"
    assert {
        module: sorted(upward)
        for name in GROUND
        if (module := f"{root}.{name}") in graph.modules
        if (upward := imports(graph, module) - {"errors"})
    } == {}


def test_a_domain_is_looked_at(graph: grimp.ImportGraph) -> None:
    """Guards this file: a package that was renamed would pass unseen."""
    for domain in DOMAINS:
        assert f"app.{domain}.service" in graph.modules or domain == "ledger"
    assert "models" in imports(graph, "app.cards.service")
