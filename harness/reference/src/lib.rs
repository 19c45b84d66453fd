//! The reference gateway and client: the policy stack in its order.
