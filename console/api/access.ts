/** Customers, devices, permissions and orders, as the GraphQL API tells them. */

export type PermissionKind = 'VIEW' | 'CHARGE';

export type OrderStatus =
  | ('PLACED' | 'PROCESSING' | 'SHIPPED' | 'DELIVERED')
  | ('CANCELLED' | 'RETURNED');

export interface ExternalUser {
  externalId: string;
}

/** Who somebody is. A removed user has no name of either kind. */
export interface Named {
  id: string;
  name?: string | null;
  email?: string | null;
  userIdentifier: { externalUser: ExternalUser | null };
}

/** What to select for a Named. */
export const NAMED = 'id name email userIdentifier { externalUser { externalId } }';

export interface Permission {
  permission: PermissionKind;
  expiresAt: string | null;
}

export interface DeviceName {
  deviceId: string;
  meterId: string | null;
}

export interface PermittedDevice extends DeviceName {
  permissions: Permission[];
}

export interface Order {
  orderId: string;
  orderStatus: OrderStatus;
  deviceId: string | null;
  trackingLink: string | null;
  createdAt: string;
  updatedAt: string;
  user?: Named | null;
}

export const ORDER = 'orderId orderStatus deviceId trackingLink createdAt updatedAt';

/** How the API is told of a customer. */
export const identifierOf = (externalId: string) => ({ externalUser: { externalId } });
