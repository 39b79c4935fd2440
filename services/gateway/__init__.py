"""The gateway: one port in front of the services. It passes requests on, and knows only the paths of a service."""
