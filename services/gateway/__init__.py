"""The gateway: one port in front of the services. It passes requests on, and knows no more of a service than its paths."""
