/** Whether the service can serve: what GET /v1/health says. */
export interface ServiceHealth {
  check(): Promise<{ readonly status: 'healthy' | 'degraded' | 'unhealthy' }>;
}
