/** Values that stand in Secrets and in everything else too: hiding them would hide the bundle, and tell nothing. */
export const COMMON_WORDS: ReadonlySet<string> = new Set(
  `administrator anonymous application authentication authorization backend boolean changeme cluster-admin clusterip
  configmap connection container containers controller crewai-platform credential credentials database databases default
  deployment deployments destination development disabled docker-registry document documents enabled endpoint endpoints
  enterprise environment example exclusive external frontend generated helm.sh hostname identity ifnotpresent images
  information ingress internal keycloak kubernetes kubernetes.default letsencrypt localhost loadbalancer logging
  management master metadata minioadmin monitoring mongodb namespace namespaces networking nodeport notifications
  operator organization organizations password passwords permission permissions platform postgres postgresql preferred
  primary private production prometheus protected provider provisioner rabbitmq readonly readwrite redis-master redis
  registry replica replicas replication required resource resources root-user running scheduled scheduler secondary
  secret secrets security server service serviceaccount services session settings shared staging standard startup
  stateful statefulset storage succeeded system testing token tokens undefined unlimited username validation verify-full
  verify-ca version volume volumes webhook websocket worker workers workload`
    .trim()
    .split(/\s+/),
);

/** Names of Secret entries and fields that hold no secret beside the ones that do. */
export const OPEN_NAMES =
  /^(?:.*[._-])?(?:user|username|login|host|hostname|hosts|port|database|dbname|db|namespace|region|zone|bucket|endpoint|server|type|kind|name|email|url|uri|ca|crt|cert|certificate|ca-bundle|issuer|audience|project|tenant|account|driver|engine|schema|sslmode|ssl|scheme|protocol|path|version|created_at|description)$/i;
