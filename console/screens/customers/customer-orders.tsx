/** The orders of a customer. */
import { useState } from 'preact/hooks';
import { Empty } from '../../parts/empty.tsx';
import { Table } from '../../parts/list.tsx';
import { orderColumns } from '../../parts/orders.tsx';
import { Section } from '../../parts/page.tsx';
import { PlaceOrder } from '../../parts/place-order.tsx';
import type { CustomerProps } from './customer.tsx';

export function CustomerOrders({ customer, onChange }: CustomerProps) {
  const [isPlacing, place] = useState(false);
  return (
    <Section
      title="Orders"
      about="Devices that were ordered for this customer."
      actions={
        <button type="button" class="small" onClick={() => place(true)}>
          Place order
        </button>
      }
    >
      {customer.orders.length > 0 ? (
        <Table
          caption="Orders"
          columns={orderColumns({ onChange })}
          rows={customer.orders}
          keyOf={({ orderId }) => orderId}
        />
      ) : (
        <Empty title="No device was ordered yet." />
      )}
      {isPlacing && (
        <PlaceOrder
          externalId={customer.externalId}
          onPlaced={onChange}
          onClose={() => place(false)}
        />
      )}
    </Section>
  );
}
