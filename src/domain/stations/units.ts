/** The units of channels. They are built in, so that they mean the same for every company. */

export interface Unit {
  id: number;
  name: string;
  unit: string;
}

/** By id, from 1. New ones are appended, since channels store the ids. */
export const units: readonly Unit[] = (
  [
    ['Number', ''],
    ['Percent', '%'],
    ['Degree Celsius', '°C'],
    ['Degree Fahrenheit', '°F'],
    ['Kelvin', 'K'],
    ['Volt', 'V'],
    ['Millivolt', 'mV'],
    ['Ampere', 'A'],
    ['Milliampere', 'mA'],
    ['Watt', 'W'],
    ['Kilowatt', 'kW'],
    ['Watt-hour', 'Wh'],
    ['Kilowatt-hour', 'kWh'],
    ['Hertz', 'Hz'],
    ['Ohm', 'Ω'],
    ['Millimetre', 'mm'],
    ['Centimetre', 'cm'],
    ['Metre', 'm'],
    ['Kilometre', 'km'],
    ['Metre per second', 'm/s'],
    ['Kilometre per hour', 'km/h'],
    ['Degree', '°'],
    ['Hectopascal', 'hPa'],
    ['Kilopascal', 'kPa'],
    ['Bar', 'bar'],
    ['Litre', 'l'],
    ['Cubic metre', 'm³'],
    ['Litre per second', 'l/s'],
    ['Cubic metre per second', 'm³/s'],
    ['Millimetre per hour', 'mm/h'],
    ['Watt per square metre', 'W/m²'],
    ['Lux', 'lx'],
    ['Decibel', 'dB'],
    ['Decibel-milliwatt', 'dBm'],
    ['pH', 'pH'],
    ['Microsiemens per centimetre', 'µS/cm'],
    ['Milligram per litre', 'mg/l'],
    ['Nephelometric turbidity unit', 'NTU'],
    ['Parts per million', 'ppm'],
    ['Microgram per cubic metre', 'µg/m³'],
    ['Kilogram', 'kg'],
    ['Second', 's'],
    ['Minute', 'min'],
    ['Hour', 'h'],
  ] as const
).map(([name, unit], at) => ({ id: at + 1, name, unit }));
