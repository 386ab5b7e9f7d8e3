"""RDS, Neptune and DocumentDB's control plane: records of our own, none of moto's."""
